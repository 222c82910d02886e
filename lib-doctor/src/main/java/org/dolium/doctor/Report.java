// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The findings as a table.
final class Report {
    private static final int WIDTH = 100;
    private static final int STATE_WIDTH = 9;
    private static final String LOST = "    without it: ";
    private static final String REMEDY = "    remedy: ";

    private final List<Finding> findings;
    private final StringBuilder out = new StringBuilder();
    private final Set<String> remedies = new HashSet<>();
    private int nameWidth;

    Report(List<Finding> findings) {
        this.findings = findings;
        for (Finding finding : findings) {
            nameWidth = Math.max(nameWidth, finding.name().length() + 2);
        }
        for (Finding finding : findings) {
            append(finding);
        }
    }

    private void append(Finding finding) {
        paragraph(padded(finding.name(), nameWidth) + padded(finding.state().toString(), STATE_WIDTH), finding.detail());
        if (!finding.lost().isEmpty()) {
            paragraph(LOST, finding.lost());
        }
        if (!finding.remedy().isEmpty()) {
            paragraph(REMEDY, remedies.add(finding.remedy()) ? finding.remedy() : "the same as above");
        }
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(1, width - text.length()));
    }

    /// Lines that begin with a blank are commands or a file's content, and stay as they are.
    private void paragraph(String start, String text) {
        String lead = start;
        for (String line : text.split("\n", -1)) {
            if (line.startsWith(" ")) {
                out.append(" ".repeat(start.length())).append(line).append('\n');
            } else {
                wrap(lead, line);
            }
            lead = " ".repeat(start.length());
        }
    }

    private void wrap(String start, String text) {
        StringBuilder line = new StringBuilder(start);
        boolean first = true;
        for (String word : text.split(" ", -1)) {
            String rest = word;
            if (!first && line.length() + 1 + rest.length() > WIDTH) {
                line = next(line, start);
                first = true;
            }
            while (breakOf(rest, WIDTH - line.length()) > 0) {
                int end = breakOf(rest, WIDTH - line.length());
                line = next(line.append(rest, 0, end), start);
                rest = rest.substring(end);
            }
            line.append(first ? "" : " ").append(rest);
            first = false;
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }

    private StringBuilder next(StringBuilder line, String start) {
        out.append(line).append('\n');
        return new StringBuilder(" ".repeat(start.length()));
    }

    /// Where flags that are too long for a line are broken; 0 if they need not be, or can't.
    private static int breakOf(String word, int space) {
        return word.length() <= space ? 0 : word.lastIndexOf('|', space - 1) + 1;
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
