# SPDX-License-Identifier: Apache-2.0
.DEFAULT_GOAL := help
.PHONY: help check quick test format golden bench demo-images clean packages jdk

# Maven runs on JDK 25 wherever `java` points: the formatter needs it.
JDK = $(shell ./coracle --jdk-home)
MAVEN = JAVA_HOME="$(JDK)" PATH="$(JDK)/bin:$$PATH" mvn -B -ntp
PACKAGES = app/src/main/resources/dev/coracle/app/packages.txt app/src/test/packages.txt

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: jdk packages ## What continuous integration runs: format, analysis, every test
	$(MAVEN) -Pformat clean verify

test: jdk ## Analysis and every test, on what changed
	$(MAVEN) verify

quick: jdk ## Every test, without analysis
	$(MAVEN) -Dquick verify

format: jdk ## Format all Java sources
	$(MAVEN) -q spotless:apply

golden: jdk ## Rewrite the golden files from what the code does now; review the diff
	$(MAVEN) -Dquick -Dgolden=update test

PROGRAM = Bench
bench: jdk packages ## Measure start-up, pods, probes, memory (minutes), or what PROGRAM=ReadyToServed and others do
	$(MAVEN) -q -Dquick -DskipTests package
	"$(JDK)/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
	    -cp "bench/target/coracle-bench.jar:bench/target/lib/*" dev.coracle.bench.$(PROGRAM) ./coracle

demo-images: jdk packages ## Write archives of the images of published manifests, for `coracle image import`
	$(MAVEN) -q -Dquick -DskipTests package
	"$(JDK)/bin/java" -cp "app/target/test-classes:app/target/coracle.jar:app/target/lib/*" \
	    dev.coracle.app.DemoImages target/demo-images

clean: jdk ## Remove everything that was built
	$(MAVEN) -q clean
	rm -rf .coracle

jdk:
	@test -n "$(JDK)"

# Tests with real containers need the same packages as the program. Each line of the list: a
# package, then files of which one shows that it is there.
packages:
	@missing=$$(command -v mvn >/dev/null || echo maven; \
	    grep -hv "^#" $(PACKAGES) | while read -r package files; do \
	        ls $$files 2>/dev/null | grep -q . || echo "$$package"; \
	    done); \
	if [ -n "$$missing" ]; then \
	    if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	        echo "make: these packages are missing, and only root can install them:" $$missing >&2; exit 1; \
	    fi; \
	    echo "make: apt-get install -y --no-install-recommends" $$missing; \
	    ./app/src/main/resources/dev/coracle/app/install-packages $$missing; \
	fi
