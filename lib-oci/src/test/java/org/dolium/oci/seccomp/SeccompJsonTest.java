// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompCondition;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompRule;
import org.dolium.seccomp.SeccompTarget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeccompJsonTest {
    private static final SeccompTarget TARGET = new SeccompTarget(Arch.X86_64, 0, 6, 1);

    /// A profile that allows `reboot` by one rule, with something more in it.
    private static ParsedProfile parse(String more) {
        return SeccompJson.parse(json(more));
    }

    private static String json(String more) {
        return "{'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'names': ['reboot'], 'action': 'SCMP_ACT_ALLOW'%s}]}"
                .formatted(more)
                .replace('\'', '"');
    }

    private static ParsedProfile whole(String json) {
        return SeccompJson.parse(json.replace('\'', '"'));
    }

    @Test
    void a_profile_of_the_runtime_specification_is_read() {
        ParsedProfile parsed = whole("""
                {
                  'defaultAction': 'SCMP_ACT_ERRNO', 'defaultErrnoRet': 38,
                  'architectures': ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'], 'flags': ['SECCOMP_FILTER_FLAG_TSYNC'],
                  'syscalls': [
                    {'names': ['read', 'write', 'read'], 'action': 'SCMP_ACT_ALLOW'},
                    {'names': ['socket'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 97,
                     'args': [{'index': 0, 'value': 38, 'valueTwo': 0, 'op': 'SCMP_CMP_EQ'},
                              {'index': 1, 'value': 15, 'valueTwo': 3, 'op': 'SCMP_CMP_MASKED_EQ'}]}
                  ]
                }
                """);
        assertThat(parsed.profile())
                .isEqualTo(SeccompProfile.denying(SeccompAction.errno(Errno.ENOSYS))
                        .with(SeccompRule.allow("read", "write"))
                        .with(SeccompRule.of(SeccompAction.errno(new Errno(97)), "socket")
                                .when(SeccompCondition.equal(0, 38), SeccompCondition.masked(1, 15, 3))));
        assertThat(parsed.foreignArchitectures()).containsExactly("SCMP_ARCH_X32");
        assertThat(parsed.unknownCalls()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "SCMP_ACT_ALLOW, , allow", "SCMP_ACT_LOG, , log", "SCMP_ACT_KILL, , kill thread",
        "SCMP_ACT_KILL_THREAD, , kill thread", "SCMP_ACT_KILL_PROCESS, , kill process", "SCMP_ACT_TRAP, , trap 0",
        "SCMP_ACT_ERRNO, , EPERM", "SCMP_ACT_ERRNO, 38, ENOSYS", "SCMP_ACT_TRACE, , trace 1", "SCMP_ACT_TRACE, 65535, trace 65535",
    })
    void every_action_has_its_word(String word, String errno, String action) {
        String errnoRet = errno == null ? "" : ", 'defaultErrnoRet': " + errno;
        SeccompProfile profile = whole("{'defaultAction': '" + word + "'" + errnoRet + "}").profile();
        assertThat(profile.usual()).hasToString(action);
        assertThat(SeccompJson.parse(SeccompJson.toDocker(profile)).profile()).isEqualTo(profile);
    }

    /// A rule counts if all included capabilities are granted and none of the excluded ones is, and likewise for the others.
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "                                                    ; SYS_BOOT          ; AARCH64 ; 5.14 ; true",
        "'includes': {}, 'excludes': null                    ;                   ; X86_64  ; 5.14 ; true",
        "'includes': {'caps': ['CAP_SYS_BOOT']}              ; SYS_BOOT          ; X86_64  ; 6.1  ; true",
        "'includes': {'caps': ['CAP_SYS_BOOT']}              ; SYS_ADMIN         ; X86_64  ; 6.1  ; false",
        "'includes': {'caps': ['CAP_SYS_BOOT', 'CAP_BPF']}   ; SYS_BOOT          ; X86_64  ; 6.1  ; false",
        "'includes': {'caps': ['CAP_SYS_BOOT', 'CAP_BPF']}   ; SYS_BOOT BPF KILL ; X86_64  ; 6.1  ; true",
        "'excludes': {'caps': ['CAP_SYS_BOOT', 'CAP_BPF']}   ; BPF               ; X86_64  ; 6.1  ; false",
        "'excludes': {'caps': ['CAP_SYS_BOOT', 'CAP_BPF']}   ; KILL              ; X86_64  ; 6.1  ; true",
        "'includes': {'arches': ['amd64', 'x32']}            ;                   ; X86_64  ; 6.1  ; true",
        "'includes': {'arches': ['amd64', 'x32']}            ;                   ; AARCH64 ; 6.1  ; false",
        "'includes': {'arches': ['s390x']}                   ;                   ; X86_64  ; 6.1  ; false",
        "'includes': {'arches': ['arm64', 'amd64']}          ;                   ; AARCH64 ; 6.1  ; true",
        "'excludes': {'arches': ['arm64', 's390']}           ;                   ; AARCH64 ; 6.1  ; false",
        "'excludes': {'arches': ['arm64', 's390']}           ;                   ; X86_64  ; 6.1  ; true",
        "'excludes': {'arches': ['arm64', 'amd64']}          ;                   ; X86_64  ; 6.1  ; false",
        "'includes': {'minKernel': '4.8'}                    ;                   ; X86_64  ; 4.7  ; false",
        "'includes': {'minKernel': '4.8'}                    ;                   ; X86_64  ; 4.8  ; true",
        "'includes': {'minKernel': '4.8'}                    ;                   ; X86_64  ; 5.0  ; true",
        "'includes': {'minKernel': '4.18'}                   ;                   ; X86_64  ; 4.9  ; false",
        "'excludes': {'minKernel': '6.2'}                    ;                   ; X86_64  ; 6.1  ; true",
        "'excludes': {'minKernel': '6.2'}                    ;                   ; X86_64  ; 6.2  ; false",
        "'excludes': {'minKernel': '6.2'}                    ;                   ; X86_64  ; 7.0  ; false",
    })
    void a_rule_counts_under_its_conditions(String filter, String granted, Arch arch, String kernel, boolean counts) {
        SeccompProfile profile = parse(filter == null ? "" : ", " + filter).profile();
        long bounding = 0;
        for (String name : granted == null ? new String[0] : granted.split(" ")) {
            bounding |= Capability.parse(name).bit();
        }
        String[] release = kernel.split("\\.");
        SeccompTarget target =
                new SeccompTarget(arch, bounding, Integer.parseInt(release[0]), Integer.parseInt(release[1]));
        assertThat(profile.mayAllow("reboot", target)).isEqualTo(counts);
        assertThat(profile.at(target).rules()).hasSize(counts ? 1 : 0);
        SeccompProfile alone = SeccompJson.parse(SeccompJson.toOci(profile, target)).profile();
        assertThat(alone.mayAllow("reboot", TARGET)).isEqualTo(counts);
    }

    @Test
    void names_that_are_nowhere_are_reported_and_those_of_others_are_not() {
        ParsedProfile parsed = whole("{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'action': 'SCMP_ACT_ERRNO', 'names':"
                + " ['ptrac', 'chown32', 'open', 'not_yet_there', 's390_pci_mmio_read']}, {'name': 'ptrac',"
                + " 'action': 'SCMP_ACT_ERRNO'}, {'name': 'ptrace', 'action': 'SCMP_ACT_ERRNO', 'args': null}]}");
        assertThat(parsed.unknownCalls()).containsExactly("not_yet_there", "ptrac");
        assertThat(parsed.profile().rules()).extracting(SeccompRule::calls).containsExactly(List.of("open"), List.of("ptrace"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "''                                               ; is empty",
        "'null'                                           ; $ is no object",
        "'[]'                                             ; $ is no object",
        "'{'                                              ; no valid JSON at line 1",
        "'{}'                                             ; $ has no 'defaultAction'",
        "'{} {}'                                          ; no valid JSON",
        "'{\"defaultAction\":\"SCMP_ACT_ALLOW\"} x'       ; no valid JSON at line 1",
        "'{\"a\":1,\"a\":1}'                              ; Duplicate field 'a'",
        "'{\"defaultAction\":1}'                          ; $.defaultAction is no string",
        "'{\"defaultAction\":\"SCMP_ACT_NONE\"}'          ; $.defaultAction is 'SCMP_ACT_NONE', which is no known action",
        "'{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}'        ; for a supervisor",
        "'{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"x\":0}' ; $ has the unknown key 'x'",
        "'{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1}' ; $.defaultErrnoRet is for SCMP_ACT_ERRNO",
        "'{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":4096}' ; $.defaultErrnoRet is not from 0 to 4095",
        "'{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":{}}' ; $.syscalls is no array",
        "'{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/run/x\"}' ; $.listenerPath is for a supervisor",
        "'{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerMetadata\":\"x\"}' ; $.listenerMetadata is for a supervisor",
        "'{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"]}' ; $.flags[0] is 'SECCOMP_FILTER_FLAG_LOG', which is not supported",
        "'{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"X86\"]}' ; $.architectures[0] is 'X86', which is no known architecture",
        "'{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86\"],\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86\"}]}' ; both",
        "'{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86\",\"sub\":[]}]}' ; $.archMap[0] has the unknown key 'sub'",
    })
    void what_is_no_profile_is_refused_with_its_place(String json, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> SeccompJson.parse(json)).withMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "'names': [1]                        ; Duplicate field",
        "'errnoRet': 1                       ; $.syscalls[0].errnoRet is for SCMP_ACT_ERRNO and SCMP_ACT_TRACE only",
        "'comment': 7                        ; $.syscalls[0].comment is no string",
        "'when': 7                           ; $.syscalls[0] has the unknown key 'when'",
        "'name': 'read'                      ; $.syscalls[0] has both 'name' and 'names'",
        "'args': [7]                         ; $.syscalls[0].args[0] is no object",
        "'args': [{'index': 6, 'value': 1, 'op': 'SCMP_CMP_EQ'}]      ; $.syscalls[0].args[0].index is not from 0 to 5",
        "'args': [{'index': 0, 'value': 1.0, 'op': 'SCMP_CMP_EQ'}]    ; $.syscalls[0].args[0].value is no whole number",
        "'args': [{'index': 0, 'value': 1e1, 'op': 'SCMP_CMP_EQ'}]    ; $.syscalls[0].args[0].value is no whole number",
        "'args': [{'index': 0, 'value': '1', 'op': 'SCMP_CMP_EQ'}]    ; $.syscalls[0].args[0].value is no whole number",
        "'args': [{'index': 0, 'value': -1, 'op': 'SCMP_CMP_EQ'}]     ; $.syscalls[0].args[0].value is not from 0 to 2^64-1",
        "'args': [{'index': 0, 'value': 18446744073709551616, 'op': 'SCMP_CMP_EQ'}] ; not from 0 to 2^64-1",
        "'args': [{'index': 0, 'value': 1, 'op': 'SCMP_CMP_IN'}]      ; $.syscalls[0].args[0].op is 'SCMP_CMP_IN', which is no known comparison",
        "'args': [{'index': 0, 'op': 'SCMP_CMP_EQ'}]                  ; $.syscalls[0].args[0] has no 'value'",
        "'args': [{'index': 0, 'value': 1, 'valueTwo': 2, 'op': 'SCMP_CMP_EQ'}]        ; args[0].valueTwo is for SCMP_CMP_MASKED_EQ only",
        "'args': [{'index': 0, 'value': 1, 'valueTwo': 2, 'op': 'SCMP_CMP_MASKED_EQ'}] ; args[0].valueTwo has bits",
        "'args': [{'index': 0, 'value': 1, 'op': 'SCMP_CMP_NE'}, {'index': 0, 'value': 2, 'op': 'SCMP_CMP_NE'}] ; args[1].index is 0 a second time",
        "'includes': {'caps': ['SYS_BOOT']}  ; $.syscalls[0].includes.caps[0] is 'SYS_BOOT', which is no known capability",
        "'includes': {'arches': ['vax']}     ; $.syscalls[0].includes.arches[0] is 'vax', which is no known architecture",
        "'excludes': {'minKernel': '4'}      ; $.syscalls[0].excludes.minKernel is '4', which is no kernel release",
        "'excludes': {'minKernel': '4.8.1'}  ; no kernel release",
        "'excludes': {'minKernel': 4.8}      ; $.syscalls[0].excludes.minKernel is no string",
        "'excludes': []                      ; $.syscalls[0].excludes is no object",
    })
    void what_is_no_rule_is_refused_with_its_place(String more, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> parse(", " + more)).withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\u001b[31m", "\u0663", "../read", "a-b"})
    void a_name_is_a_name_and_is_shown_without_what_a_terminal_would_act_on(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> whole("{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'action': 'SCMP_ACT_ALLOW', 'name': '"
                        + name.replace("\u001b", "\\u001b") + "'}]}"))
                .withMessageMatching("the seccomp profile: \\$\\.syscalls\\[0]\\.name is '[ -~]*', which is no name of a system call");
    }

    /// Row S-03: a comparison of an `int` is one of 32 bits, whatever the profile says.
    @Test
    void S_03_a_constant_with_more_bits_than_the_argument_is_refused() {
        SeccompProfile profile = whole("{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'action': 'SCMP_ACT_ERRNO', 'name':"
                + " 'ioctl', 'args': [{'index': 1, 'value': 4294988818, 'op': 'SCMP_CMP_EQ'}]}]}").profile();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> profile.compile(TARGET))
                .withMessageContaining("looks at 32 bits of argument 1 of ioctl");
    }

    @Test
    void a_large_or_deep_profile_is_refused(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("profile.json");
        String json = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}";
        Files.writeString(file, json + " ".repeat(SeccompJson.LIMIT - json.length()));
        assertThat(SeccompJson.read(file).profile()).isEqualTo(SeccompProfile.denying(SeccompAction.ALLOW));
        Files.writeString(file, json + " ".repeat(SeccompJson.LIMIT - json.length() + 1));
        assertThatThrownBy(() -> SeccompJson.read(file)).isInstanceOf(IOException.class).hasMessageContaining("larger than 1 MiB");
        assertThatThrownBy(() -> SeccompJson.read(Path.of("/dev/zero"))).isInstanceOf(IOException.class).hasMessageContaining("larger");
        Files.write(file, new byte[] {'{', (byte) 0xc0, '}'});
        assertThatThrownBy(() -> SeccompJson.read(file)).isInstanceOf(IOException.class).hasMessageContaining("is not UTF-8");
        assertThatIllegalArgumentException().isThrownBy(() -> SeccompJson.parse("[".repeat(100_000))).withMessageContaining("depth");
        assertThatIllegalArgumentException().isThrownBy(() -> SeccompJson.parse("9".repeat(100_000)));
        assertThatIllegalArgumentException().isThrownBy(() -> SeccompJson.parse(" ".repeat(SeccompJson.LIMIT + 1)));
    }

    @Test
    void what_the_format_can_not_say_is_not_written() {
        SeccompProfile none = SeccompProfile.denying(SeccompAction.ALLOW);
        for (SeccompProfile profile : List.of(
                SeccompProfile.unconfined(),
                none.unknownCalls(SeccompAction.ALLOW),
                none.foreignCalls(SeccompAction.KILL_PROCESS),
                SeccompProfile.denying(SeccompAction.USER_NOTIFY),
                SeccompProfile.denying(SeccompAction.trap(1)),
                none.with(SeccompRule.allow("read")
                        .when(SeccompCondition.notEqual(0, 1), SeccompCondition.notEqual(0, 2))))) {
            assertThatIllegalArgumentException().isThrownBy(() -> SeccompJson.toDocker(profile));
            assertThatIllegalArgumentException().isThrownBy(() -> SeccompJson.toOci(profile, TARGET));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"standard", "docker", "strict"})
    void profiles_of_dolium_are_read_as_they_were_written(String name) {
        SeccompProfile profile = SeccompProfile.parse(name);
        assertThat(SeccompJson.parse(SeccompJson.toDocker(profile)).profile()).isEqualTo(profile);
        for (Arch arch : Arch.values()) {
            SeccompTarget target = new SeccompTarget(arch, 0xa80425fbL, 6, 1);
            SeccompProfile read = SeccompJson.parse(SeccompJson.toOci(profile, target)).profile();
            assertThat(read).isEqualTo(profile.at(target));
            assertThat(read.compile(target)).isEqualTo(profile.compile(target));
        }
    }
}
