// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.AfterEnd;
import org.dolium.container.DetachedContainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What is executed when a container has ended for which something was wished then; not for users.
@Command(name = "after-end", hidden = true, description = "Does what was wished for the end of a container. Dolium calls it itself.")
final class AfterEndCommand implements ContainerVerb {
    /// Where `dolium`, the script, has its cache of loaded classes.
    private static final String CACHE = "dolium.cache";

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Override
    public Integer call() throws IOException, InterruptedException {
        AfterEnd.handle(System.getenv(), container -> StoredRun.of(container).builder());
        return 0;
    }

    /// How this program is executed again by this very JDK: nothing is built, and nothing is looked for.
    static AfterEnd executed() {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        String cache = System.getProperty(CACHE, "");
        if (!cache.isEmpty() && Files.isReadable(Path.of(cache))) {
            command.addAll(List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off", "-D" + CACHE + "=" + cache));
        }
        Module own = Main.class.getModule();
        if (own.isNamed()) {
            command.addAll(List.of(
                    "--enable-native-access=org.dolium.namespaces,com.github.luben.zstd_jni",
                    "--module-path", absolute(System.getProperty("jdk.module.path", "")),
                    "--module", own.getName() + "/" + Main.class.getName()));
        } else {
            command.addAll(List.of(
                    "--enable-native-access=ALL-UNNAMED", "-cp", absolute(System.getProperty("java.class.path")), Main.class.getName()));
        }
        command.add("after-end");
        return AfterEnd.execute(command);
    }

    /// The same wishes, done by this program and this JDK: those that were there before may be gone.
    static AfterEnd renewed(AfterEnd wishes) {
        AfterEnd now = executed().restart(wishes.policy());
        now = wishes.limit().isPresent() ? now.timeout(wishes.limit().get()) : now;
        return wishes.removes() ? now.remove() : now;
    }

    /// Before it is started again.
    static void renew(DetachedContainer container) throws IOException, InterruptedException {
        AfterEnd before = container.afterEnd().orElse(null);
        if (before != null && !before.command().equals(executed().command())) {
            container.afterEnd(renewed(before));
        }
    }

    /// It is executed in another directory.
    private static String absolute(String paths) {
        List<String> all = new ArrayList<>();
        for (String path : paths.split(File.pathSeparator, -1)) {
            all.add(Path.of(path).toAbsolutePath().normalize().toString());
        }
        return String.join(File.pathSeparator, all);
    }
}
