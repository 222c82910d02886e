// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/// Marks tests that boot a [TestVm]: the tag `vm`, and a time limit that allows for waiting until other machines are done.
@Tag("vm")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface InTestVm {}
