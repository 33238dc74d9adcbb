// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// What may know what. Everything is on this module's class path, so the rules for all are here.
class ArchitectureTest {
    private static final String ROOT = "dev.coracle";

    /// Generated from the interface definition of CRI, in nobody's style.
    private static final String GENERATED = "dev.coracle.cri.proto..";

    private static final JavaClasses ALL =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages(ROOT);

    /// Packages of core that stand for a component of their own upstream.
    private static final List<String> COMPONENTS =
            List.of(
                    "dev.coracle.core.scheduler..",
                    "dev.coracle.core.controller..",
                    "dev.coracle.core.kubelet..",
                    "dev.coracle.core.net..");

    @Test
    void theRulesSeeTheProgram() {
        assertThat(ALL.size()).isGreaterThan(100);
        for (var module : List.of("core", "host", "cri", "app")) {
            assertThat(
                            ALL.containPackage(ROOT + "." + module)
                                    || ALL.stream()
                                            .anyMatch(
                                                    type ->
                                                            type.getPackageName()
                                                                    .startsWith(
                                                                            ROOT + "." + module
                                                                                    + ".")))
                    .as("classes of %s are on the class path", module)
                    .isTrue();
        }
    }

    @Test
    void coreIsPure() {
        classes()
                .that()
                .resideInAPackage("dev.coracle.core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.coracle.core..",
                        "dev.coracle.schema..",
                        "java.lang..",
                        "java.io",
                        "java.math",
                        "java.nio",
                        "java.nio.charset",
                        "java.security",
                        "java.text",
                        "java.time..",
                        "java.util",
                        "java.util.concurrent..",
                        "java.util.function",
                        "java.util.random",
                        "java.util.regex",
                        "java.util.stream",
                        "org.jspecify..",
                        "org.yaml.snakeyaml..",
                        "tools.jackson.core..")
                .check(ALL);
    }

    @Test
    void coreStartsNoThreadsAndOpensNoFiles() {
        noClasses()
                .that()
                .resideInAPackage("dev.coracle.core..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.io\\.(File.*|RandomAccessFile|Console)"
                                + "|java\\.lang\\.(Process|ProcessBuilder|ProcessHandle|Runtime)"
                                + "|java\\.util\\.(Timer|TimerTask|Random|SplittableRandom)"
                                + "|java\\.security\\.SecureRandom"
                                + "|java\\.util\\.concurrent\\.(Executor.*|.*ExecutorService"
                                + "|ForkJoin.*|CompletableFuture|ThreadLocalRandom|Thread.*)")
                .orShould()
                .callMethod(Thread.class, "ofVirtual")
                .orShould()
                .callMethod(Thread.class, "ofPlatform")
                .orShould()
                .callMethod(Thread.class, "startVirtualThread", Runnable.class)
                .orShould()
                .callMethod(Thread.class, "start")
                .orShould()
                .callMethod(Math.class, "random")
                .check(ALL);
    }

    @Test
    void parsersStayInTheJsonPackage() {
        noClasses()
                .that()
                .resideInAPackage("dev.coracle.core..")
                .and()
                .resideOutsideOfPackage("dev.coracle.core.json")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("tools.jackson..", "org.yaml..")
                .check(ALL);
    }

    @Test
    void onlyTheAppReadsTheClockOrDrawsIdentifiers() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.coracle.app..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .orShould()
                .callMethod(Clock.class, "systemDefaultZone")
                .orShould()
                .callMethod(InstantSource.class, "system")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .check(ALL);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("dev.coracle.(**)").should().beFreeOfCycles().check(ALL);
    }

    @Test
    void theWayDownIsRegistryStoreApiJson() {
        mayNotSee("dev.coracle.core.json..", "dev.coracle.core.api..");
        mayNotSee("dev.coracle.core.api..", "dev.coracle.core.store..");
        mayNotSee("dev.coracle.core.store..", "dev.coracle.core.registry..");
        for (var component : COMPONENTS) {
            mayNotSee("dev.coracle.core.registry..", component);
        }
    }

    @Test
    void componentsNeverSeeOneAnother() {
        for (var component : COMPONENTS) {
            for (var other : COMPONENTS) {
                if (!component.equals(other)) {
                    mayNotSee(component, other);
                }
            }
        }
    }

    @Test
    void theEdgesSeeOnlyCore() {
        for (var module : List.of("core", "disk", "host", "cri", "sim")) {
            for (var other : List.of("host", "cri", "sim", "app")) {
                if (!module.equals(other)) {
                    mayNotSee(ROOT + "." + module + "..", ROOT + "." + other + "..");
                }
            }
        }
    }

    @Test
    void everyPackageIsNullMarked() {
        var unmarked = new ArrayList<String>();
        for (var type : ALL) {
            unmarkedPackageOf(type.getPackage(), unmarked);
        }
        assertThat(unmarked).isEmpty();
    }

    private static void unmarkedPackageOf(JavaPackage candidate, List<String> unmarked) {
        var name = candidate.getName();
        boolean generated = name.startsWith(GENERATED.substring(0, GENERATED.length() - 2));
        boolean marked =
                candidate
                        .tryGetPackageInfo()
                        .filter(info -> info.isAnnotatedWith(NullMarked.class))
                        .isPresent();
        if (!generated && !marked && !unmarked.contains(name)) {
            unmarked.add(name);
        }
    }

    private static void mayNotSee(String one, String other) {
        noClasses()
                .that()
                .resideInAPackage(one)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(other)
                .allowEmptyShould(true) // not every component is written yet
                .check(ALL);
    }
}
