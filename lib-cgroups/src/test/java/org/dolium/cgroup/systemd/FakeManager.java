// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.dolium.cgroup.dbus.Messages;
import org.dolium.cgroup.dbus.Peer;
import org.dolium.cgroup.dbus.WireReader;
import org.dolium.cgroup.dbus.WireWriter;

/// A manager that writes down what it is asked and answers as a test wants it.
final class FakeManager implements AutoCloseable {
    static final String SENDER = "org.freedesktop.systemd1";
    static final String JOB = "/org/freedesktop/systemd1/job/7";

    /// How it answers one call.
    interface Answer {
        void give(Peer.Line line, Peer.Call call) throws IOException;
    }

    final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final Peer peer;

    FakeManager(Path directory, Answer answer) throws IOException {
        peer = Peer.listen(directory, line -> {
            line.authenticate();
            while (true) {
                Peer.Call call = line.call();
                asked.add(call.message().member() + text(call));
                answer.give(line, call);
            }
        });
    }

    SocketChoice choice() {
        return new SocketChoice(List.of(new ManagerSocket(peer.path(), false)), List.of(), "no manager here");
    }

    /// The arguments of the calls that a scope takes.
    private static String text(Peer.Call call) throws IOException {
        String types = call.message().signature();
        WireReader arguments = call.message().arguments(types);
        StringBuilder text = new StringBuilder(" " + types);
        if (types.startsWith("ss")) {
            text.append(' ').append(arguments.string()).append(' ').append(arguments.string());
        }
        if (types.equals("ssa(sv)a(sa(sv))")) {
            int end = arguments.array(8);
            while (arguments.before(end)) {
                text.append(' ').append(arguments.struct().string()).append('=').append(variant(arguments));
            }
            arguments.before(arguments.array(8));
        } else if (types.equals("ssau")) {
            text.append(' ').append(numbers(arguments));
        } else if (types.equals("u")) {
            text.append(' ').append(arguments.u32());
        } else if (types.equals("s")) {
            text.append(' ').append(arguments.string());
        }
        arguments.end();
        return text.toString();
    }

    private static Object variant(WireReader arguments) throws IOException {
        return switch (arguments.signature()) {
            case "s" -> "'" + arguments.string() + "'";
            case "b" -> arguments.bool();
            case "t" -> arguments.u64();
            case "au" -> numbers(arguments);
            default -> throw new IOException("an unexpected type");
        };
    }

    private static List<Long> numbers(WireReader arguments) throws IOException {
        List<Long> numbers = new ArrayList<>();
        int end = arguments.array(4);
        while (arguments.before(end)) {
            numbers.add(arguments.u32());
        }
        return numbers;
    }

    static void job(Peer.Line line, Peer.Call call) throws IOException {
        line.send(Messages.reply(call.serial(), SENDER, "o", new WireWriter().objectPath(JOB)));
    }

    static void removed(Peer.Line line, String sender, String job, String unit, String result) throws IOException {
        WireWriter body = new WireWriter().u32(7).objectPath(job).string(unit).string(result);
        line.send(Messages.signal("org.freedesktop.systemd1.Manager", "JobRemoved", sender, "uoss", body));
    }

    @Override
    public void close() throws IOException {
        peer.close();
    }
}
