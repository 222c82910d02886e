// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

/// The size of a terminal's window, in characters.
public record TerminalSize(int rows, int columns) {
    private static final int MOST = 65535;
    private static final TerminalSize STANDARD = new TerminalSize(24, 80);

    public TerminalSize {
        if (rows < 1 || rows > MOST || columns < 1 || columns > MOST) {
            throw new IllegalArgumentException(
                    "terminal size " + rows + "x" + columns + " is not between 1x1 and " + MOST + "x" + MOST);
        }
    }

    /// 24 rows of 80 columns.
    public static TerminalSize standard() {
        return STANDARD;
    }

    /// As `24x80`.
    @Override
    public String toString() {
        return rows + "x" + columns;
    }
}
