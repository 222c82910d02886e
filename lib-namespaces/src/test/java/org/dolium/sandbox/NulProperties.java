// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.dolium.host.Hosts;
import org.dolium.linux.Arg;
import org.dolium.mount.BindOptions;
import org.dolium.mount.Masks;
import org.dolium.mount.Mount;
import org.dolium.mount.Root;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.plan.LaunchPlan;
import org.dolium.process.Command;
import org.dolium.process.Environment;

/// SECURITY L-19: a NUL in a Java string would cut a path, an argument or a variable short in the kernel.
class NulProperties {
    private static final List<String> NONE = List.of();

    /// A place of a sandbox that takes a string.
    enum Place {
        COMMAND("/bin/x", (draft, text) -> draft.command = new Command(List.of(text))),
        ARGUMENT("x y", (draft, text) -> draft.command = new Command(List.of("/x", text))),
        VARIABLE_NAME("NAME", (draft, text) -> draft.environment = Environment.of(Map.of(text, "x"))),
        VARIABLE_VALUE("value", (draft, text) -> draft.environment = Environment.of(Map.of("NAME", text))),
        SEARCH_PATH("/bin:/x", (draft, text) -> draft.environment = Environment.of(Map.of("PATH", text))),
        HOSTNAME("box", (draft, text) -> draft.hostname = text),
        DOMAINNAME("example.org", (draft, text) -> draft.domainname = text),
        WORKING_DIRECTORY("/srv", (draft, text) -> draft.workingDirectory = text),
        ROOT("/srv/root", (draft, text) -> draft.root = new Root.Directory(text, true)),
        LAYER("/layer", (draft, text) -> draft.root =
                new Root.Overlay(List.of("/a", text), new Root.Upper.Memory(1, 1), false)),
        UPPER("/up", (draft, text) -> draft.root =
                new Root.Overlay(List.of("/a"), new Root.Upper.Disk(text, "/w"), false)),
        WORK("/work", (draft, text) -> draft.root =
                new Root.Overlay(List.of("/a"), new Root.Upper.Disk("/u", text), false)),
        BIND_SOURCE("/etc", (draft, text) -> draft.mounts.add(bind(text, "/mnt"))),
        BIND_TARGET("/mnt/a", (draft, text) -> draft.mounts.add(bind("/etc", text))),
        TMPFS("/mnt/b", (draft, text) -> draft.mounts.add(new Mount.Tmpfs(text, 1, 1, 0755, 0))),
        MESSAGE_QUEUES("/mnt/c", (draft, text) -> draft.mounts.add(new Mount.Mqueue(text))),
        PASSED_TARGET("/mnt/d", (draft, text) -> draft.mounts.add(new Mount.Passed(5, "/x", text, true))),
        HOST_TREE("/sys", (draft, text) -> draft.mounts.add(new Mount.HostTree(text, true))),
        MASKED_FILE("/proc/keys", (draft, text) -> draft.masks = new Masks(List.of(text), NONE, NONE)),
        MASKED_DIRECTORY("/proc/acpi", (draft, text) -> draft.masks = new Masks(NONE, List.of(text), NONE)),
        READ_ONLY("/proc/sys", (draft, text) -> draft.masks = new Masks(NONE, NONE, List.of(text))),
        NAMESPACE("/run/ns", (draft, text) ->
                draft.namespaces.put(NamespaceKind.IPC, NamespaceMode.join(Path.of(text))));

        private final String sample;
        private final BiConsumer<SpecDraft, String> put;

        Place(String sample, BiConsumer<SpecDraft, String> put) {
            this.sample = sample;
            this.put = put;
        }

        private static Mount bind(String source, String target) {
            return new Mount.Bind(source, target, true, BindOptions.standard());
        }

        /// A text that is accepted there.
        String sample() {
            return sample;
        }

        LaunchPlan plan(String text) {
            SpecDraft draft = new SpecDraft();
            put.accept(draft, text);
            return SandboxPlanner.plan(draft.spec(), Hosts.root());
        }
    }

    @Property
    void L_19_a_nul_anywhere_is_refused_before_there_is_a_plan(@ForAll Place place, @ForAll int position, @ForAll String more) {
        String text = place.sample + more;
        int at = Math.floorMod(position, text.length() + 1);
        String hostile = text.substring(0, at) + '\0' + text.substring(at);
        assertThatIllegalArgumentException().as("%s", place).isThrownBy(() -> place.plan(hostile));
    }

    /// The negative control: it is the NUL that was refused.
    @Example
    void L_19_the_same_texts_without_a_nul_are_accepted() {
        for (Place place : Place.values()) {
            assertThat(place.plan(place.sample).steps()).as("%s", place).isNotEmpty();
        }
    }

    @Property
    void L_19_the_encoder_refuses_it_again(@ForAll byte[] before, @ForAll byte[] after) {
        byte[] hostile = new byte[before.length + 1 + after.length];
        System.arraycopy(before, 0, hostile, 0, before.length);
        System.arraycopy(after, 0, hostile, before.length + 1, after.length);
        assertThatIllegalArgumentException().isThrownBy(() -> Arg.str(hostile));
        byte[] good = "good".getBytes(StandardCharsets.UTF_8);
        assertThatIllegalArgumentException().isThrownBy(() -> Arg.strings(List.of(good, hostile)));
    }
}
