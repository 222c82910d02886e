// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.dolium.container.Container;
import org.dolium.container.Execution;
import org.dolium.container.Signal;
import org.dolium.container.TerminalSize;

/// A terminal that ends with this JVM, and can't be left before.
///
/// @param why what is said when somebody wants to
record OwnStreams(Process process, Window window, Runnable end, String why) implements TerminalStreams {
    /// What has a size.
    interface Window {
        void resize(int rows, int columns) throws IOException;
    }

    /// @param why it is not a detached container
    static OwnStreams of(Container container, String why) {
        return new OwnStreams(container.process(), container::resize, () -> container.kill(Signal.KILL),
                "this container lives only as long as 'dolium run': " + why);
    }

    static OwnStreams of(Execution command) {
        return new OwnStreams(command.process(), command::resize, () -> command.kill(Signal.KILL),
                "a command of 'dolium exec' lives only as long as it: there is nothing to detach from");
    }

    @Override
    public InputStream output() {
        return process.getInputStream();
    }

    @Override
    public OutputStream input() {
        return process.getOutputStream();
    }

    @Override
    public void resize(TerminalSize size) throws IOException {
        window.resize(size.rows(), size.columns());
    }

    @Override
    public void unseen() {
        end.run();
    }

    @Override
    public void untyped() {
        try {
            input().close();
        } catch (IOException e) {
            // it has ended
        }
    }

    @Override
    public boolean detach() throws IOException {
        UserTerminal.say("dolium: these are the keys for detaching, but " + why);
        return false;
    }
}
