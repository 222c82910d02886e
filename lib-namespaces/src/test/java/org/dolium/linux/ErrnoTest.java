// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Field;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErrnoTest {
    /// The last number when this was written; later kernels may have more.
    private static final int LAST = 133;
    private static final Errno UNKNOWN = new Errno(999);

    @Test
    void names_are_those_of_the_kernel_headers() throws IOException {
        Map<String, Integer> kernel = numbers();
        for (int value = 1; value <= LAST; value++) {
            String name = new Errno(value).name();
            if (kernel.containsValue(value)) {
                assertThat(kernel).as("errno %d", value).containsEntry(name, value);
            } else {
                assertThat(name).isEqualTo("errno " + value);
            }
        }
    }

    @Test
    void constants_have_the_numbers_of_the_kernel_headers() throws IOException, IllegalAccessException {
        Map<String, Integer> kernel = numbers();
        for (Field field : Errno.class.getFields()) {
            assertThat(kernel).containsEntry(field.getName(), ((Errno) field.get(null)).value());
            assertThat(field.get(null)).hasToString(field.getName());
        }
    }

    @Test
    void a_number_without_a_name_is_shown_as_a_number() {
        assertThat(UNKNOWN).hasToString("errno 999");
        assertThat(new Errno(0)).hasToString("errno 0");
    }

    @Test
    void names_and_numbers_are_read() throws IOException {
        for (Map.Entry<String, Integer> errno : numbers().entrySet()) {
            boolean alias = !new Errno(errno.getValue()).name().equals(errno.getKey());
            if (!alias) {
                assertThat(Errno.parse(errno.getKey())).isEqualTo(new Errno(errno.getValue()));
            }
        }
        assertThat(Errno.parse("999")).isEqualTo(UNKNOWN);
        for (String wrong : new String[] {"", "-", "EOI", "eio", "0", "-5", "4096", "99999999999", " EIO"}) {
            assertThatThrownBy(() -> Errno.parse(wrong)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("unknown errno '" + wrong + "'");
        }
    }

    private static Map<String, Integer> numbers() throws IOException {
        Map<String, Integer> numbers =
                KernelHeaders.defines("asm-generic/errno-base.h", "asm-generic/errno.h");
        assertThat(numbers).hasSizeGreaterThan(100);
        return numbers;
    }
}
