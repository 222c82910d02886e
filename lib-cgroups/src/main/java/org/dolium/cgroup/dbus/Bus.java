// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.file.Path;
import java.util.Arrays;

/// A connection to a bus daemon, or to a single peer that speaks the same protocol. For one thread at a time. After a
/// failure that is not a [DbusErrorException] it is good for nothing but [#close].
public final class Bus implements AutoCloseable {
    private static final String DAEMON = "org.freedesktop.DBus";

    /// What to do with a message that is not the answer waited for.
    public interface Listener {
        /// Must not keep all of them: a peer may send any number.
        void heard(Message message) throws ProtocolException;
    }

    private final Transport transport;
    private final boolean daemon;
    private final Listener listener;
    private int serial;

    private Bus(Transport transport, boolean daemon, Listener listener) {
        this.transport = transport;
        this.daemon = daemon;
        this.listener = listener;
    }

    /// Connects and says who we are.
    ///
    /// @param daemon whether a bus daemon listens there, which wants to be greeted
    public static Bus connect(Path socket, boolean daemon, Listener listener, Deadline deadline)
            throws IOException, InterruptedException {
        Transport transport = Transport.connect(socket, deadline);
        try {
            authenticate(transport, deadline);
            Bus bus = new Bus(transport, daemon, listener);
            if (daemon) {
                bus.call(new MethodCall(DAEMON, "/org/freedesktop/DBus", DAEMON, "Hello", "", new WireWriter()), deadline)
                        .arguments("s");
            }
            return bus;
        } catch (IOException | InterruptedException | RuntimeException e) {
            closeAfter(transport, e);
            throw e;
        }
    }

    private static void closeAfter(Transport transport, Exception failure) {
        try {
            transport.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /// The server reads our uid from the socket (SO_PEERCRED), so none is claimed: an id of ours that is written down could
    /// be wrong, in a user namespace within another. All lines go in one write, as sd-bus does it: systemd's own server
    /// does not look at a message that it reads together with `BEGIN` until something else comes.
    private static void authenticate(Transport transport, Deadline deadline) throws IOException, InterruptedException {
        transport.write(Transport.ascii("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"), deadline);
        String answer = transport.line(deadline);
        if (answer.equals("DATA") || answer.startsWith("DATA ")) {
            answer = transport.line(deadline);
        }
        if (!answer.startsWith("OK ")) {
            throw new ProtocolException(transport.path() + " did not authenticate this user: '" + answer + "'");
        }
    }

    /// Calls a method and waits for its answer; what comes meanwhile goes to the listener.
    ///
    /// @throws DbusErrorException if the answer is an error
    public Message call(MethodCall call, Deadline deadline) throws IOException, InterruptedException {
        serial++;
        transport.write(call.bytes(serial, daemon), deadline);
        while (true) {
            Message message = receive(deadline);
            if (message.replySerial() != serial || message.type() == Message.SIGNAL) {
                listener.heard(message);
            } else if (message.type() == Message.METHOD_RETURN) {
                return message;
            } else if (message.type() == Message.ERROR) {
                throw error(call, message);
            }
        }
    }

    private static DbusErrorException error(MethodCall call, Message message) throws ProtocolException {
        String text = message.signature().startsWith("s") ? new WireReader(message.body()).string() : "";
        return new DbusErrorException(call.member(), message.error(), text);
    }

    /// Waits for one message and gives it to the listener.
    public void listen(Deadline deadline) throws IOException, InterruptedException {
        listener.heard(receive(deadline));
    }

    private Message receive(Deadline deadline) throws IOException, InterruptedException {
        byte[] fixed = transport.read(Message.FIXED, deadline);
        int length = Message.length(fixed);
        byte[] rest = transport.read(length - Message.FIXED, deadline);
        byte[] whole = Arrays.copyOf(fixed, length);
        System.arraycopy(rest, 0, whole, Message.FIXED, rest.length);
        return Message.parse(whole);
    }

    /// Asks a bus daemon for signals; a single peer sends them anyway.
    public void match(String rule, Deadline deadline) throws IOException, InterruptedException {
        if (daemon) {
            WireWriter arguments = new WireWriter().string(rule);
            call(new MethodCall(DAEMON, "/org/freedesktop/DBus", DAEMON, "AddMatch", "s", arguments), deadline);
        }
    }

    @Override
    public void close() throws IOException {
        transport.close();
    }
}
