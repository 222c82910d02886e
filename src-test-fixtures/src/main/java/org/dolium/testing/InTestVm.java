// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Marks tests that boot a [TestVm]: the tag `vm`, and a time limit that allows for waiting until other machines are done.
/// Where JUnit's parallel execution is switched on these run at the same time; each has a machine of its own.
@Tag("vm")
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 60, unit = TimeUnit.MINUTES)
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface InTestVm {}
