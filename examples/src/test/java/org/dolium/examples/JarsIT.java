// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The jars that a user of Dolium gets: small, without dependencies, the same whoever builds them.
class JarsIT {
    private static final List<String> CORE = List.of("lib-namespaces", "lib-cgroups", "lib-core");
    private static final long LIMIT = 1_150_000;
    private static final long DOCTOR_LIMIT = 60_000;

    @Test
    void the_three_jars_are_small() throws IOException {
        long bytes = 0;
        for (String module : CORE) {
            bytes += Files.size(Packaged.library(module));
        }
        assertThat(bytes).isBetween(50_000L, LIMIT);
    }

    @Test
    void the_doctors_jar_is_small_too() throws IOException {
        assertThat(Files.size(Packaged.library("lib-doctor"))).isBetween(20_000L, DOCTOR_LIMIT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lib-namespaces", "lib-cgroups", "lib-core", "lib-doctor"})
    void a_module_requires_only_the_jdk_and_dolium(String module) throws IOException {
        ModuleDescriptor descriptor = descriptor(module);
        assertThat(descriptor.isAutomatic()).isFalse();
        assertThat(descriptor.name()).isEqualTo(module.replace("lib-", "org.dolium."));
        assertThat(descriptor.requires())
                .isNotEmpty()
                .filteredOn(requires -> !requires.modifiers().contains(Requires.Modifier.STATIC))
                .allMatch(requires -> requires.name().equals("java.base") || requires.name().startsWith("org.dolium."));
        assertThat(descriptor.requires())
                .filteredOn(requires -> requires.modifiers().contains(Requires.Modifier.STATIC))
                .allMatch(requires -> requires.name().equals("org.jspecify"));
    }

    @Test
    void only_api_packages_are_exported_to_everyone() throws IOException {
        assertThat(exported("lib-namespaces"))
                .containsExactlyInAnyOrder(
                        "org.dolium.capability", "org.dolium.confinement", "org.dolium.linux", "org.dolium.namespace",
                        "org.dolium.process", "org.dolium.seccomp");
        assertThat(exported("lib-core")).containsExactlyInAnyOrder(
                "org.dolium.container", "org.dolium.files", "org.dolium.security");
        assertThat(exported("lib-doctor")).containsExactly("org.dolium.doctor");
    }

    private static Set<String> exported(String module) throws IOException {
        return descriptor(module).exports().stream()
                .filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
    }

    private static ModuleDescriptor descriptor(String module) throws IOException {
        return ModuleFinder.of(Packaged.library(module)).findAll().iterator().next().descriptor();
    }

    /// A dependency that others inherit has no scope, or one that is not `test` or `provided`.
    @ParameterizedTest
    @ValueSource(strings = {"lib-namespaces", "lib-cgroups", "lib-core", "lib-doctor"})
    void a_pom_has_no_runtime_dependency_but_dolium(String module) throws IOException {
        String pom = Files.readString(Packaged.PROJECT.resolve(module).resolve("pom.xml"));
        List<String> dependencies = Pattern.compile("<dependency>(.*?)</dependency>", Pattern.DOTALL)
                .matcher(pom)
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(dependencies).isNotEmpty();
        assertThat(dependencies)
                .filteredOn(text -> !text.contains("<scope>test</scope>") && !text.contains("<scope>provided</scope>"))
                .allMatch(text -> text.contains("<groupId>org.dolium</groupId>"));
    }

    /// Nothing in a jar depends on when, where or on which machine it was made. That two builds in different places
    /// give the same bytes is checked by `.ci/run`.
    @ParameterizedTest
    @ValueSource(strings = {"lib-namespaces", "lib-cgroups", "lib-core", "lib-doctor", "lib-oci", "examples"})
    void a_jar_has_no_trace_of_its_build(String module) throws IOException {
        Path jar = Packaged.library(module);
        try (JarFile file = new JarFile(jar.toFile())) {
            List<JarEntry> entries = Collections.list(file.entries());
            assertThat(entries).extracting(JarEntry::getTimeLocal).containsOnly(LocalDateTime.of(2026, 1, 1, 0, 0));
            assertThat(entries).extracting(JarEntry::getName).contains("module-info.class").doesNotHaveDuplicates();
            for (JarEntry entry : entries) {
                byte[] bytes = file.getInputStream(entry).readAllBytes();
                assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
                        .as(entry.getName())
                        .doesNotContain(Packaged.PROJECT.toString());
            }
            List<String> manifest = new ArrayList<>();
            file.getManifest().getMainAttributes().keySet().forEach(name -> manifest.add(name.toString()));
            assertThat(manifest).doesNotContain("Built-By", "Build-Time", "Built-On");
        }
    }
}
