// SPDX-License-Identifier: Apache-2.0
package dev.coracle.schema;

import java.lang.classfile.Signature;
import java.lang.classfile.Signature.ArrayTypeSig;
import java.lang.classfile.Signature.ClassTypeSig;

/// The short form of a field's type.
///
/// `s` string, `i` int32, `l` int64, `d` double, `b` boolean, `q` quantity, `x` integer or string,
/// `t` date and time, `y` bytes in base64, `o` anything, `@Name` a type, `[` and `{` an array or a
/// map of the type that follows.
final class TypeCode {
    private static final String MODEL = "io/kubernetes/client/openapi/models/";

    private TypeCode() {}

    static String of(Signature signature) {
        if (signature instanceof ArrayTypeSig array
                && array.componentSignature().signatureString().equals("B")) {
            return "y";
        }
        if (!(signature instanceof ClassTypeSig type)) {
            throw new IllegalStateException("no code for " + signature.signatureString());
        }
        var name = type.className();
        return switch (name) {
            case "java/lang/String" -> "s";
            case "java/lang/Integer" -> "i";
            case "java/lang/Long" -> "l";
            case "java/lang/Double" -> "d";
            case "java/lang/Boolean" -> "b";
            case "java/lang/Object" -> "o";
            case "java/time/OffsetDateTime" -> "t";
            case "io/kubernetes/client/custom/Quantity" -> "q";
            case "io/kubernetes/client/custom/IntOrString" -> "x";
            case "java/util/List" -> "[" + of(argument(type, 0));
            case "java/util/Map" -> "{" + of(argument(type, 1));
            default -> reference(name);
        };
    }

    private static String reference(String className) {
        if (!className.startsWith(MODEL)) {
            throw new IllegalStateException("no code for " + className);
        }
        return "@" + className.substring(MODEL.length());
    }

    private static Signature argument(ClassTypeSig type, int index) {
        if (type.typeArgs().get(index) instanceof Signature.TypeArg.Bounded bounded) {
            return bounded.boundType();
        }
        throw new IllegalStateException("unbounded argument in " + type.signatureString());
    }
}
