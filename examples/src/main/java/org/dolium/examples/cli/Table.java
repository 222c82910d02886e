// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.util.List;

/// Columns as Docker prints them: as wide as their widest cell, with three spaces between them, without control characters.
final class Table {
    private Table() {}

    static String of(List<String[]> rows) {
        int columns = rows.get(0).length;
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int i = 0; i < columns; i++) {
                row[i] = row[i].replaceAll("\\p{Cntrl}", "?");
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            for (int i = 0; i < columns; i++) {
                text.append(row[i]);
                text.append(i == columns - 1 ? "\n" : " ".repeat(widths[i] - row[i].length() + 3));
            }
        }
        return text.toString();
    }
}
