// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import static dev.coracle.core.registry.Trait.CREATE_ON_UPDATE;
import static dev.coracle.core.registry.Trait.GENERATION;
import static dev.coracle.core.registry.Trait.STATUS_ON_CREATE;
import static dev.coracle.core.registry.Trait.VERSION_REQUIRED;

import dev.coracle.core.api.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The table of every built-in kind: a new kind is one entry here.
///
/// Groups, versions, names and categories are those of Kubernetes v1.36 with its default API
/// versions. Left out are kinds that are only answers of something else (ComponentStatus, reviews).
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/>
public final class ResourceTypes {
    private static final String ALL_CATEGORY = "all";
    private static final String EXTENSIONS = "api-extensions";

    private static final ServedKind CORE_EVENTS =
            core("events", "event", "Event").shortNames("ev").traits(CREATE_ON_UPDATE).build();

    private static final List<ServedKind> KINDS = kinds();
    private static final Map<String, ServedKind> BY_PATH =
            KINDS.stream()
                    .collect(
                            Collectors.toUnmodifiableMap(
                                    kind -> path(kind.type()), Function.identity()));

    public static final ResourceType CONFIG_MAPS = known("", "v1", "configmaps");
    public static final ResourceType ENDPOINTS = known("", "v1", "endpoints");
    public static final ResourceType EVENTS = known("", "v1", "events");
    public static final ResourceType NAMESPACES = known("", "v1", "namespaces");
    public static final ResourceType NODES = known("", "v1", "nodes");
    public static final ResourceType PERSISTENT_VOLUME_CLAIMS =
            known("", "v1", "persistentvolumeclaims");
    public static final ResourceType PERSISTENT_VOLUMES = known("", "v1", "persistentvolumes");
    public static final ResourceType PODS = known("", "v1", "pods");
    public static final ResourceType REPLICATION_CONTROLLERS =
            known("", "v1", "replicationcontrollers");
    public static final ResourceType SECRETS = known("", "v1", "secrets");
    public static final ResourceType SERVICE_ACCOUNTS = known("", "v1", "serviceaccounts");
    public static final ResourceType SERVICES = known("", "v1", "services");
    public static final ResourceType DAEMON_SETS = known("apps", "v1", "daemonsets");
    public static final ResourceType DEPLOYMENTS = known("apps", "v1", "deployments");
    public static final ResourceType REPLICA_SETS = known("apps", "v1", "replicasets");
    public static final ResourceType STATEFUL_SETS = known("apps", "v1", "statefulsets");
    public static final ResourceType CRON_JOBS = known("batch", "v1", "cronjobs");
    public static final ResourceType JOBS = known("batch", "v1", "jobs");
    public static final ResourceType LEASES = known("coordination.k8s.io", "v1", "leases");
    public static final ResourceType ENDPOINT_SLICES =
            known("discovery.k8s.io", "v1", "endpointslices");
    public static final ResourceType POD_DISRUPTION_BUDGETS =
            known("policy", "v1", "poddisruptionbudgets");
    public static final ResourceType PRIORITY_CLASSES =
            known("scheduling.k8s.io", "v1", "priorityclasses");

    private ResourceTypes() {}

    /// Every type, in discovery's order: the core group first, preferred versions before others.
    public static List<ResourceType> all() {
        return KINDS.stream().map(ServedKind::type).toList();
    }

    /// Every type that objects are stored as: each object once, whatever the versions and groups
    /// it is served in.
    public static List<ResourceType> stored() {
        return KINDS.stream().map(ServedKind::storage).distinct().toList();
    }

    /// The type that paths name so, null when there is none.
    public static @Nullable ResourceType find(String group, String version, String plural) {
        var kind = BY_PATH.get(group + "/" + version + "/" + plural);
        return kind == null ? null : kind.type();
    }

    /// The type of objects with this `apiVersion` and `kind`, null when there is none.
    public static @Nullable ResourceType ofKind(String apiVersion, String kind) {
        return KINDS.stream()
                .map(ServedKind::type)
                .filter(type -> type.kind().equals(kind) && type.apiVersion().equals(apiVersion))
                .findFirst()
                .orElse(null);
    }

    /// @throws IllegalArgumentException for a type that is not in the table
    static ServedKind served(ResourceType type) {
        var kind = BY_PATH.get(path(type));
        if (kind == null) {
            throw new IllegalArgumentException(type + " is not served");
        }
        return kind;
    }

    private static ResourceType known(String group, String version, String plural) {
        var type = find(group, version, plural);
        if (type == null) {
            throw new IllegalStateException(
                    "no entry for %s/%s %s".formatted(group, version, plural));
        }
        return type;
    }

    private static String path(ResourceType type) {
        return type.group() + "/" + type.version() + "/" + type.plural();
    }

    private static List<ServedKind> kinds() {
        var kinds = new ArrayList<ServedKind>();
        kinds.addAll(coreKinds());
        kinds.addAll(extensionKinds());
        kinds.addAll(appKinds());
        kinds.addAll(networkKinds());
        kinds.addAll(accessKinds());
        kinds.addAll(storageKinds());
        kinds.addAll(clusterKinds());
        return List.copyOf(kinds);
    }

    private static List<ServedKind> coreKinds() {
        return List.of(
                core("configmaps", "configmap", "ConfigMap").shortNames("cm").build(),
                core("endpoints", "endpoints", "Endpoints")
                        .shortNames("ep")
                        .traits(CREATE_ON_UPDATE)
                        .build(),
                CORE_EVENTS,
                core("limitranges", "limitrange", "LimitRange")
                        .shortNames("limits")
                        .traits(CREATE_ON_UPDATE)
                        .build(),
                core("namespaces", "namespace", "Namespace")
                        .cluster()
                        .shortNames("ns")
                        .status()
                        .sub("finalize", "", "v1", "Namespace", "update")
                        .build(),
                core("nodes", "node", "Node")
                        .cluster()
                        .shortNames("no")
                        .status()
                        .traits(STATUS_ON_CREATE)
                        .build(),
                core("persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim")
                        .shortNames("pvc")
                        .status()
                        .build(),
                core("persistentvolumes", "persistentvolume", "PersistentVolume")
                        .cluster()
                        .shortNames("pv")
                        .status()
                        .build(),
                pods(),
                core("podtemplates", "podtemplate", "PodTemplate")
                        .traits(GENERATION, CREATE_ON_UPDATE)
                        .build(),
                core("replicationcontrollers", "replicationcontroller", "ReplicationController")
                        .shortNames("rc")
                        .category(ALL_CATEGORY)
                        .status()
                        .scale()
                        .traits(GENERATION)
                        .build(),
                core("resourcequotas", "resourcequota", "ResourceQuota")
                        .shortNames("quota")
                        .status()
                        .build(),
                core("secrets", "secret", "Secret").build(),
                core("serviceaccounts", "serviceaccount", "ServiceAccount")
                        .shortNames("sa")
                        .sub("token", "authentication.k8s.io", "v1", "TokenRequest", "create")
                        .build(),
                core("services", "service", "Service")
                        .shortNames("svc")
                        .category(ALL_CATEGORY)
                        .proxy()
                        .status()
                        .build());
    }

    private static ServedKind pods() {
        return core("pods", "pod", "Pod")
                .shortNames("po")
                .category(ALL_CATEGORY)
                .sub("attach", "", "v1", "PodAttachOptions", "create", "get")
                .sub("binding", "", "v1", "Binding", "create")
                .sub("eviction", "policy", "v1", "Eviction", "create")
                .sub("exec", "", "v1", "PodExecOptions", "create", "get")
                .sub("log", "", "v1", "Pod", "get")
                .sub("portforward", "", "v1", "PodPortForwardOptions", "create", "get")
                .proxy()
                .status()
                .traits(GENERATION)
                .build();
    }

    private static List<ServedKind> extensionKinds() {
        var admission = "admissionregistration.k8s.io";
        return List.of(
                v1(
                                admission,
                                "mutatingadmissionpolicies",
                                "mutatingadmissionpolicy",
                                "MutatingAdmissionPolicy")
                        .cluster()
                        .category(EXTENSIONS)
                        .traits(GENERATION)
                        .build(),
                v1(
                                admission,
                                "mutatingadmissionpolicybindings",
                                "mutatingadmissionpolicybinding",
                                "MutatingAdmissionPolicyBinding")
                        .cluster()
                        .category(EXTENSIONS)
                        .traits(GENERATION)
                        .build(),
                v1(
                                admission,
                                "mutatingwebhookconfigurations",
                                "mutatingwebhookconfiguration",
                                "MutatingWebhookConfiguration")
                        .cluster()
                        .category(EXTENSIONS)
                        .traits(GENERATION)
                        .build(),
                v1(
                                admission,
                                "validatingadmissionpolicies",
                                "validatingadmissionpolicy",
                                "ValidatingAdmissionPolicy")
                        .cluster()
                        .category(EXTENSIONS)
                        .status()
                        .traits(GENERATION)
                        .build(),
                v1(
                                admission,
                                "validatingadmissionpolicybindings",
                                "validatingadmissionpolicybinding",
                                "ValidatingAdmissionPolicyBinding")
                        .cluster()
                        .category(EXTENSIONS)
                        .traits(GENERATION)
                        .build(),
                v1(
                                admission,
                                "validatingwebhookconfigurations",
                                "validatingwebhookconfiguration",
                                "ValidatingWebhookConfiguration")
                        .cluster()
                        .category(EXTENSIONS)
                        .traits(GENERATION)
                        .build(),
                v1(
                                "apiextensions.k8s.io",
                                "customresourcedefinitions",
                                "customresourcedefinition",
                                "CustomResourceDefinition")
                        .cluster()
                        .shortNames("crd", "crds")
                        .category(EXTENSIONS)
                        .status()
                        .traits(GENERATION, VERSION_REQUIRED)
                        .build(),
                v1("apiregistration.k8s.io", "apiservices", "apiservice", "APIService")
                        .cluster()
                        .category(EXTENSIONS)
                        .status()
                        .traits(VERSION_REQUIRED)
                        .build());
    }

    private static List<ServedKind> appKinds() {
        return List.of(
                v1("apps", "controllerrevisions", "controllerrevision", "ControllerRevision")
                        .build(),
                v1("apps", "daemonsets", "daemonset", "DaemonSet")
                        .shortNames("ds")
                        .category(ALL_CATEGORY)
                        .status()
                        .traits(GENERATION)
                        .build(),
                v1("apps", "deployments", "deployment", "Deployment")
                        .shortNames("deploy")
                        .category(ALL_CATEGORY)
                        .status()
                        .scale()
                        .traits(GENERATION)
                        .build(),
                v1("apps", "replicasets", "replicaset", "ReplicaSet")
                        .shortNames("rs")
                        .category(ALL_CATEGORY)
                        .status()
                        .scale()
                        .traits(GENERATION)
                        .build(),
                v1("apps", "statefulsets", "statefulset", "StatefulSet")
                        .shortNames("sts")
                        .category(ALL_CATEGORY)
                        .status()
                        .scale()
                        .traits(GENERATION)
                        .build(),
                v1("batch", "cronjobs", "cronjob", "CronJob")
                        .shortNames("cj")
                        .category(ALL_CATEGORY)
                        .status()
                        .traits(GENERATION)
                        .build(),
                v1("batch", "jobs", "job", "Job")
                        .category(ALL_CATEGORY)
                        .status()
                        .traits(GENERATION)
                        .build(),
                ServedKind.kind(
                                "autoscaling",
                                "v2",
                                "horizontalpodautoscalers",
                                "horizontalpodautoscaler",
                                "HorizontalPodAutoscaler")
                        .shortNames("hpa")
                        .category(ALL_CATEGORY)
                        .status()
                        .build(),
                v1("policy", "poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget")
                        .shortNames("pdb")
                        .status()
                        .traits(GENERATION, VERSION_REQUIRED)
                        .build(),
                v1("events.k8s.io", "events", "event", "Event")
                        .shortNames("ev")
                        .storedAs(CORE_EVENTS));
    }

    private static List<ServedKind> networkKinds() {
        var networking = "networking.k8s.io";
        return List.of(
                v1("discovery.k8s.io", "endpointslices", "endpointslice", "EndpointSlice")
                        .traits(GENERATION)
                        .build(),
                v1(networking, "ingressclasses", "ingressclass", "IngressClass")
                        .cluster()
                        .traits(GENERATION)
                        .build(),
                v1(networking, "ingresses", "ingress", "Ingress")
                        .shortNames("ing")
                        .status()
                        .traits(GENERATION)
                        .build(),
                v1(networking, "ipaddresses", "ipaddress", "IPAddress")
                        .cluster()
                        .shortNames("ip")
                        .build(),
                v1(networking, "networkpolicies", "networkpolicy", "NetworkPolicy")
                        .shortNames("netpol")
                        .traits(GENERATION)
                        .build(),
                v1(networking, "servicecidrs", "servicecidr", "ServiceCIDR")
                        .cluster()
                        .status()
                        .build());
    }

    private static List<ServedKind> accessKinds() {
        var rbac = "rbac.authorization.k8s.io";
        return List.of(
                v1(
                                "certificates.k8s.io",
                                "certificatesigningrequests",
                                "certificatesigningrequest",
                                "CertificateSigningRequest")
                        .cluster()
                        .shortNames("csr")
                        .status()
                        .build(),
                v1(rbac, "clusterrolebindings", "clusterrolebinding", "ClusterRoleBinding")
                        .cluster()
                        .traits(CREATE_ON_UPDATE)
                        .build(),
                v1(rbac, "clusterroles", "clusterrole", "ClusterRole")
                        .cluster()
                        .traits(CREATE_ON_UPDATE)
                        .build(),
                v1(rbac, "rolebindings", "rolebinding", "RoleBinding")
                        .traits(CREATE_ON_UPDATE)
                        .build(),
                v1(rbac, "roles", "role", "Role").traits(CREATE_ON_UPDATE).build());
    }

    private static List<ServedKind> storageKinds() {
        var storage = "storage.k8s.io";
        return List.of(
                v1(storage, "csidrivers", "csidriver", "CSIDriver")
                        .cluster()
                        .traits(GENERATION)
                        .build(),
                v1(storage, "csinodes", "csinode", "CSINode").cluster().build(),
                v1(storage, "csistoragecapacities", "csistoragecapacity", "CSIStorageCapacity")
                        .build(),
                v1(storage, "storageclasses", "storageclass", "StorageClass")
                        .cluster()
                        .shortNames("sc")
                        .build(),
                v1(storage, "volumeattachments", "volumeattachment", "VolumeAttachment")
                        .cluster()
                        .status()
                        .build(),
                v1(
                                storage,
                                "volumeattributesclasses",
                                "volumeattributesclass",
                                "VolumeAttributesClass")
                        .cluster()
                        .shortNames("vac")
                        .build());
    }

    private static List<ServedKind> clusterKinds() {
        var resource = "resource.k8s.io";
        var flow = "flowcontrol.apiserver.k8s.io";
        return List.of(
                v1("coordination.k8s.io", "leases", "lease", "Lease")
                        .traits(CREATE_ON_UPDATE, VERSION_REQUIRED)
                        .build(),
                v1(flow, "flowschemas", "flowschema", "FlowSchema")
                        .cluster()
                        .status()
                        .traits(GENERATION)
                        .build(),
                v1(
                                flow,
                                "prioritylevelconfigurations",
                                "prioritylevelconfiguration",
                                "PriorityLevelConfiguration")
                        .cluster()
                        .status()
                        .traits(GENERATION)
                        .build(),
                v1("node.k8s.io", "runtimeclasses", "runtimeclass", "RuntimeClass")
                        .cluster()
                        .build(),
                v1(resource, "deviceclasses", "deviceclass", "DeviceClass")
                        .cluster()
                        .traits(GENERATION)
                        .build(),
                v1(resource, "resourceclaims", "resourceclaim", "ResourceClaim").status().build(),
                v1(
                                resource,
                                "resourceclaimtemplates",
                                "resourceclaimtemplate",
                                "ResourceClaimTemplate")
                        .build(),
                v1(resource, "resourceslices", "resourceslice", "ResourceSlice")
                        .cluster()
                        .traits(GENERATION)
                        .build(),
                v1("scheduling.k8s.io", "priorityclasses", "priorityclass", "PriorityClass")
                        .cluster()
                        .shortNames("pc")
                        .traits(GENERATION)
                        .build());
    }

    private static ServedKind.Builder core(String plural, String singular, String kind) {
        return v1("", plural, singular, kind);
    }

    private static ServedKind.Builder v1(
            String group, String plural, String singular, String kind) {
        return ServedKind.kind(group, "v1", plural, singular, kind);
    }
}
