// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;

/// Finds the command in the container's own `PATH`, and runs it: one execve(2) for each place where it can be.
public final class CommandSearch {
    /// The search path where the environment has none; Docker's.
    public static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private CommandSearch() {}

    /// Appends the attempts. All but the last tolerate that there is no such file or that it may not be run, as
    /// execvp(3) does; a command with a slash is tried only as it is.
    public static void lower(PlanBuilder plan, Command command, Environment environment) {
        String name = command.words().get(0);
        Arg.Strings argv = Arg.strings(command.bytes());
        List<byte[]> variables = environment.bytes();
        // as strace: their number only, because plans and errors are logged and variables hold secrets
        Arg.Strings envp = new Arg.Strings(variables, "[/* " + variables.size() + " vars */]");
        if (name.indexOf('/') >= 0) {
            plan.add(Sys.EXECVE, Arg.str(name), argv, envp);
            return;
        }
        String path = environment.get("PATH");
        String[] places = (path == null ? DEFAULT_PATH : path).split(":", -1);
        for (int i = 0; i < places.length; i++) {
            String candidate = places[i].isEmpty() ? "./" + name : places[i] + "/" + name;
            plan.addNoted(
                    Syscall.of(Sys.EXECVE, Arg.str(candidate), argv, envp), Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES);
        }
        plan.add(Sys.EXIT_GROUP, Arg.num(127));
    }
}
