// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.util.concurrent.Callable;

/// A command about containers that are there. As Docker's it exits with 1 when it failed, and with 125 when it was called wrongly.
interface ContainerVerb extends Callable<Integer> {
    int FAILED = 1;
}
