// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/// Everything that anybody in this JVM logs, at any level, as it would be printed; until it is closed.
public final class Logged implements AutoCloseable {
    private final List<String> lines = new ArrayList<>();
    private final Logger top = Logger.getLogger("");
    private final Level before = top.getLevel();
    private final Formatter formatter = new SimpleFormatter();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            synchronized (lines) {
                lines.add(formatter.format(entry));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private Logged() {
        handler.setLevel(Level.ALL);
    }

    public static Logged everything() {
        Logged logged = new Logged();
        logged.top.addHandler(logged.handler);
        logged.top.setLevel(Level.ALL);
        return logged;
    }

    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    @Override
    public void close() {
        top.removeHandler(handler);
        top.setLevel(before);
    }
}
