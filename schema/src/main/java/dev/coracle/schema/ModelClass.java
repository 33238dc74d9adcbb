// SPDX-License-Identifier: Apache-2.0
package dev.coracle.schema;

import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.AttributedElement;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.Signature;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What one class of the model says about its type.
record ModelClass(String name, String description, List<Field> fields) {
    private static final String SERIALIZED_NAME = "Lcom/google/gson/annotations/SerializedName;";
    private static final String PROPERTY = "Lio/swagger/annotations/ApiModelProperty;";
    private static final String TYPE = "Lio/swagger/annotations/ApiModel;";

    record Field(String name, String type, boolean required, String description) {}

    static ModelClass of(ClassModel model) {
        var internal = model.thisClass().asInternalName();
        var described = describedGetters(model);
        var fields = new ArrayList<Field>();
        for (var field : model.fields()) {
            annotation(field, SERIALIZED_NAME)
                    .flatMap(found -> string(found, "value"))
                    .ifPresent(name -> fields.add(field(field, name, described)));
        }
        return new ModelClass(
                internal.substring(internal.lastIndexOf('/') + 1),
                annotation(model, TYPE).flatMap(found -> string(found, "description")).orElse(""),
                List.copyOf(fields));
    }

    private static Field field(FieldModel field, String name, Map<String, Annotation> described) {
        var property = Optional.ofNullable(described.get(getter(field.fieldName().stringValue())));
        return new Field(
                name,
                TypeCode.of(signature(field)),
                property.map(found -> flag(found, "required")).orElse(false),
                property.flatMap(found -> string(found, "value")).orElse(""));
    }

    private static Signature signature(FieldModel field) {
        return field.findAttribute(Attributes.signature())
                .map(attribute -> attribute.asTypeSignature())
                .orElseGet(() -> Signature.parseFrom(field.fieldType().stringValue()));
    }

    private static Map<String, Annotation> describedGetters(ClassModel model) {
        var described = new HashMap<String, Annotation>();
        for (var method : model.methods()) {
            annotation(method, PROPERTY)
                    .ifPresent(found -> described.put(method.methodName().stringValue(), found));
        }
        return described;
    }

    private static String getter(String field) {
        var plain = field.startsWith("_") ? field.substring(1) : field;
        return "get" + Character.toUpperCase(plain.charAt(0)) + plain.substring(1);
    }

    private static Optional<Annotation> annotation(AttributedElement element, String descriptor) {
        return element.findAttribute(Attributes.runtimeVisibleAnnotations()).stream()
                .flatMap(attribute -> attribute.annotations().stream())
                .filter(found -> found.className().equalsString(descriptor))
                .findFirst();
    }

    private static Optional<String> string(Annotation annotation, String element) {
        return annotation.elements().stream()
                .filter(found -> found.name().equalsString(element))
                .map(found -> ((AnnotationValue.OfString) found.value()).stringValue())
                .findFirst();
    }

    private static boolean flag(Annotation annotation, String element) {
        return annotation.elements().stream()
                .filter(found -> found.name().equalsString(element))
                .anyMatch(found -> ((AnnotationValue.OfBoolean) found.value()).booleanValue());
    }

    /// The line of `descriptions.txt`.
    String descriptions() {
        var line = new StringBuilder(name).append('\t').append(escaped(description));
        for (var field : fields) {
            line.append('\t')
                    .append(field.name())
                    .append('\t')
                    .append(escaped(field.description()));
        }
        return line.toString();
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
    }
}
