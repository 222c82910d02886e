// SPDX-License-Identifier: Apache-2.0
package org.dolium;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The tables of ARCHITECTURE.md are the rule.
class ArchitectureTest {
    private static final Path ROOT = Path.of(System.getProperty("project.root", ".."));
    private static final Pattern ROW = Pattern.compile("\\| `([a-z0-9.]+)` \\|.*\\| ([^|]*) \\|");
    private static final Pattern NAME = Pattern.compile("`([a-z0-9.]+)`");
    private static final List<String> MODULES =
            List.of("lib-namespaces", "lib-cgroups", "lib-core", "lib-oci", "lib-doctor", "examples");
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("dolium-test-fixtures")
                    && !location.contains("src-test-fixtures"))
            .importPackages("org.dolium");

    private static Map<String, Set<String>> table() throws IOException {
        Map<String, Set<String>> table = new TreeMap<>();
        for (String line : Files.readAllLines(ROOT.resolve("ARCHITECTURE.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                Set<String> allowed = new TreeSet<>();
                NAME.matcher(row.group(2)).results().forEach(name -> allowed.add(name.group(1)));
                table.put(row.group(1), allowed);
            }
        }
        return table;
    }

    @TestFactory
    Stream<DynamicTest> packages_use_only_what_the_table_allows() throws IOException {
        return table().entrySet().stream().map(row -> dynamicTest(row.getKey(), () -> {
            List<String> allowed = new ArrayList<>(List.of(
                    "java..", "javax.net.ssl..", "org.jspecify..", "picocli..", "com.fasterxml.jackson..", "org.apache.commons.compress..",
                    "org.dolium." + row.getKey()));
            row.getValue().forEach(name -> allowed.add("org.dolium." + name));
            classes()
                    .that()
                    .resideInAPackage("org.dolium." + row.getKey())
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(allowed.toArray(String[]::new))
                    .check(CLASSES);
        }));
    }

    @Test
    void every_package_has_a_row_and_every_row_a_package() throws IOException {
        Set<String> packages = CLASSES.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith("org.dolium."))
                .map(name -> name.substring("org.dolium.".length()))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(packages).isNotEmpty().isEqualTo(table().keySet());
    }

    @Test
    void packages_have_no_cycles() {
        SlicesRuleDefinition.slices().matching("org.dolium.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    /// A module may require only those before it in the chain.
    @Test
    void modules_depend_in_one_direction() throws IOException {
        for (int i = 0; i < MODULES.size(); i++) {
            String text = Files.readString(ROOT.resolve(MODULES.get(i)).resolve("src/main/java/module-info.java"));
            for (int later = i + 1; later < MODULES.size(); later++) {
                String name = MODULES.get(later).replace("lib-", "org.dolium.").replace("examples", "org.dolium.examples");
                assertThat(text).doesNotContainPattern("requires [a-z ]*" + Pattern.quote(name) + ";");
            }
        }
    }

    /// Row J-06: there are no hooks. The only programs of the host that are executed write id maps, or keep the passwords for
    /// registries, where the caller has Docker's configuration read and says in which directories they are. What a caller has executed after the end
    /// of a detached container is executed by a plan, never by this JVM.
    @Test
    void J_06_libraries_execute_nothing_but_the_helpers_of_id_maps_and_credentials() {
        Set<String> executing = CLASSES.stream()
                .filter(type -> !type.getPackageName().startsWith("org.dolium.examples"))
                .filter(type -> type.getAccessesFromSelf().stream().anyMatch(access ->
                        access.getTargetOwner().isEquivalentTo(ProcessBuilder.class) && access.getTarget().getName().equals("start")
                                || access.getTargetOwner().isEquivalentTo(Runtime.class) && access.getTarget().getName().equals("exec")))
                .map(JavaClass::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(executing).containsExactly("CredentialHelper", "HelperIdMaps");
    }

    @Test
    void libraries_need_only_the_jdk() throws IOException {
        for (String module : List.of("lib-namespaces", "lib-cgroups", "lib-core", "lib-doctor")) {
            String text = Files.readString(ROOT.resolve(module).resolve("src/main/java/module-info.java"));
            assertThat(Pattern.compile("requires (?!static)(?:transitive )?([a-z.]+);")
                            .matcher(text)
                            .results()
                            .map(match -> match.group(1)))
                    .allMatch(name -> name.startsWith("org.dolium.") || name.startsWith("java."));
        }
    }
}
