// SPDX-License-Identifier: Apache-2.0
/// One runnable program for each use of Dolium. Start at [org.dolium.examples.Hello].
package org.dolium.examples;
