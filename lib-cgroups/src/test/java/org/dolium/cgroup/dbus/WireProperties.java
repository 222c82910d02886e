// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/// What is written is read again, and no bytes whatever lead to anything but a message or a [ProtocolException].
class WireProperties {
    sealed interface Value {
        record U8(int value) implements Value {}

        record Bool(boolean value) implements Value {}

        record I32(int value) implements Value {}

        record U32(long value) implements Value {}

        record U64(long value) implements Value {}

        record Text(String value) implements Value {}

        record Path(String value) implements Value {}

        record Signature(String value) implements Value {}

        record Variant(Value value) implements Value {}

        record Struct(List<Value> members) implements Value {}

        record Texts(List<String> values) implements Value {}

        record Structs(List<Long> values) implements Value {}
    }

    @Provide
    Arbitrary<Value> values() {
        return Arbitraries.lazyOf(
                () -> Arbitraries.integers().between(0, 255).map(Value.U8::new),
                () -> Arbitraries.of(true, false).map(Value.Bool::new),
                () -> Arbitraries.integers().map(Value.I32::new),
                () -> Arbitraries.longs().between(0, 0xFFFF_FFFFL).map(Value.U32::new),
                () -> Arbitraries.longs().map(Value.U64::new),
                () -> texts().map(Value.Text::new),
                () -> Arbitraries.of("/", "/a", "/a/b_1").map(Value.Path::new),
                () -> Arbitraries.of("", "s", "a(sv)").map(Value.Signature::new),
                () -> Arbitraries.of("/", "/x").map(Value.Path::new).map(Value.Variant::new),
                () -> values().list().ofMaxSize(3).map(Value.Struct::new),
                () -> texts().list().ofMaxSize(4).map(Value.Texts::new),
                () -> Arbitraries.longs().list().ofMaxSize(4).map(Value.Structs::new));
    }

    private static Arbitrary<String> texts() {
        return Arbitraries.strings().ofMaxLength(20).filter(text -> text.indexOf('\0') < 0
                && StandardCharsets.UTF_8.newEncoder().canEncode(text));
    }

    @Property
    void what_is_written_is_read(@ForAll("values") Value first, @ForAll("values") Value second) throws IOException {
        WireWriter writer = new WireWriter();
        write(writer, first);
        write(writer, second);
        WireReader reader = new WireReader(writer.bytes());
        check(reader, first);
        check(reader, second);
        reader.end();
    }

    private static void write(WireWriter writer, Value value) {
        switch (value) {
            case Value.U8(int number) -> writer.u8(number);
            case Value.Bool(boolean bool) -> writer.bool(bool);
            case Value.I32(int number) -> writer.i32(number);
            case Value.U32(long number) -> writer.u32(number);
            case Value.U64(long number) -> writer.u64(number);
            case Value.Text(String text) -> writer.string(text);
            case Value.Path(String text) -> writer.objectPath(text);
            case Value.Signature(String text) -> writer.signature(text);
            case Value.Variant(Value inner) -> write(writer.variant("o"), inner);
            case Value.Struct(List<Value> members) -> {
                writer.struct();
                members.forEach(member -> write(writer, member));
            }
            case Value.Texts(List<String> texts) -> {
                int array = writer.beginArray(4);
                texts.forEach(writer::string);
                writer.endArray(array, 4);
            }
            case Value.Structs(List<Long> numbers) -> {
                int array = writer.beginArray(8);
                numbers.forEach(number -> writer.struct().u8(1).u64(number));
                writer.endArray(array, 8);
            }
        }
    }

    private static void check(WireReader reader, Value value) throws ProtocolException {
        switch (value) {
            case Value.U8(int number) -> assertThat(reader.u8()).isEqualTo(number);
            case Value.Bool(boolean bool) -> assertThat(reader.bool()).isEqualTo(bool);
            case Value.I32(int number) -> assertThat(reader.i32()).isEqualTo(number);
            case Value.U32(long number) -> assertThat(reader.u32()).isEqualTo(number);
            case Value.U64(long number) -> assertThat(reader.u64()).isEqualTo(number);
            case Value.Text(String text) -> assertThat(reader.string()).isEqualTo(text);
            case Value.Path(String text) -> assertThat(reader.objectPath()).isEqualTo(text);
            case Value.Signature(String text) -> assertThat(reader.signature()).isEqualTo(text);
            case Value.Variant(Value inner) -> check(reader.variant("o"), inner);
            case Value.Struct(List<Value> members) -> {
                reader.struct();
                for (Value member : members) {
                    check(reader, member);
                }
            }
            case Value.Texts(List<String> texts) -> {
                int end = reader.array(4);
                for (String text : texts) {
                    assertThat(reader.before(end)).isTrue();
                    assertThat(reader.string()).isEqualTo(text);
                }
                assertThat(reader.before(end)).isFalse();
            }
            case Value.Structs(List<Long> numbers) -> {
                int end = reader.array(8);
                for (long number : numbers) {
                    assertThat(reader.before(end)).isTrue();
                    assertThat(reader.struct().u8()).isEqualTo(1);
                    assertThat(reader.u64()).isEqualTo(number);
                }
                assertThat(reader.before(end)).isFalse();
            }
        }
    }

    /// A whole message of a peer that lies: any bytes after a beginning that looks right.
    @Property(tries = 5000)
    void any_bytes_are_a_message_or_refused(@ForAll @Size(max = 200) byte[] bytes) {
        byte[] message = java.util.Arrays.copyOf(bytes, Math.max(bytes.length, Message.FIXED));
        message[0] = Message.LITTLE_ENDIAN;
        message[3] = 1;
        parsedOrRefused(message);
    }

    /// A real message in which one byte was changed, or the end cut off.
    @Property(tries = 5000)
    void a_spoilt_message_is_a_message_or_refused(@ForAll int position, @ForAll byte value, @ForAll int length) {
        byte[] message = Messages.signal("org.x", "JobRemoved", ":1.2", "uoss",
                new WireWriter().u32(3).objectPath("/job/3").string("a.scope").string("done"));
        message[Math.floorMod(position, message.length)] = value;
        parsedOrRefused(message);
        parsedOrRefused(java.util.Arrays.copyOf(message, Math.floorMod(length, message.length)));
    }

    private static void parsedOrRefused(byte[] bytes) {
        try {
            if (bytes.length >= Message.FIXED) {
                assertThat(Message.length(java.util.Arrays.copyOf(bytes, Message.FIXED)))
                        .isBetween(Message.FIXED, Message.LONGEST);
            }
            Message message = Message.parse(bytes);
            WireReader arguments = message.arguments(message.signature());
            arguments.u32();
            arguments.objectPath();
            arguments.string();
            arguments.string();
            arguments.end();
        } catch (ProtocolException e) {
            assertThat(e).hasMessageContaining("D-Bus message");
        }
    }
}
