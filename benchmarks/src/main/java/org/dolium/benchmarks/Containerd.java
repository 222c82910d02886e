// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// containerd with its data on the file system that is unpacked to: `ctr image import` keeps the blobs and unpacks them for
/// overlays. The daemon is up before time is taken, and what it uses of the processors counts.
final class Containerd implements Unpacking.Turn {
    private static final int SECONDS = 30;
    private static final int PAUSE_MILLIS = 50;

    private final String daemon;
    private final String ctr;
    private final Path archive;
    private @Nullable Process process;

    Containerd(String daemon, String ctr, Path archive) {
        this.daemon = daemon;
        this.ctr = ctr;
        this.archive = archive;
    }

    private static String socket(Path mount) {
        return mount.resolve("containerd.sock").toString();
    }

    @Override
    public void prepare(Path mount) throws IOException, InterruptedException {
        Path configuration = mount.resolve("containerd.toml"); // the plugin for Kubernetes wants a network configuration
        Files.writeString(configuration, """
                version = 2
                disabled_plugins = ["io.containerd.grpc.v1.cri"]
                [plugins."io.containerd.internal.v1.opt"]
                  path = "%s"
                """.formatted(mount.resolve("opt")));
        process = new ProcessBuilder(daemon, "--config", configuration.toString(), "--root", mount.resolve("root").toString(),
                "--state", mount.resolve("state").toString(), "--address", socket(mount), "--log-level", "error")
                .redirectErrorStream(true)
                .redirectOutput(mount.resolve("containerd.log").toFile())
                .start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!answers(mount)) {
            if (System.nanoTime() > end || !process.isAlive()) {
                throw new IOException("containerd does not start: " + Files.readString(mount.resolve("containerd.log")).strip());
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private boolean answers(Path mount) throws InterruptedException {
        try {
            UnpackingImage.command(ctr, List.of("--address", socket(mount), "version"));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void run(Path mount) throws IOException, InterruptedException {
        UnpackingImage.command(ctr, List.of("--address", socket(mount), "image", "import", "--base-name", "localhost/bench",
                archive.toString()));
    }

    @Override
    public double cpuSeconds() throws IOException {
        return process == null ? 0 : UnpackingImage.cpuSeconds(Long.toString(process.pid()));
    }

    @Override
    public void end(Path mount) throws InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            process = null;
        }
    }
}
