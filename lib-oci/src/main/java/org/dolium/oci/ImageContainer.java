// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.HealthCheck;
import org.dolium.container.Rootfs;
import org.dolium.container.Signal;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.Platform;
import org.dolium.oci.image.RunConfig;
import org.dolium.process.UserDatabase;

/// What the configuration of an image means for a container. Whoever made the image wrote it: all of it is data, nothing of it chooses
/// what is done outside of the container, and what is malformed is refused.
final class ImageContainer {
    private static final String LINUX = "linux";

    private ImageContainer() {}

    /// A builder with what the image says.
    ///
    /// @param platform what it is to be run on
    /// @param rootfs its layers
    /// @param users what its layers have in /etc/passwd and /etc/group
    /// @throws IllegalArgumentException if the image is for another platform, or something in the configuration is malformed
    static ContainerBuilder builder(ImageConfig config, Platform platform, Rootfs.Overlay rootfs, UserDatabase users) {
        if (!config.platform().normalized().os().equals(LINUX)) {
            throw new IllegalArgumentException(
                    "the image says that it is for " + config.platform() + ", and containers here are of " + LINUX);
        }
        config.checkRunsOn(platform);
        ContainerBuilder builder = ContainerBuilder.create().rootfs(rootfs).users(users);
        RunConfig run = config.config();
        command(run, builder);
        builder.user(run.user() == null ? "0" : run.user());
        for (String variable : run.env()) {
            int equals = variable.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("the image's environment variable '" + shown(variable) + "' is not NAME=VALUE");
            }
            builder.env(variable.substring(0, equals), variable.substring(equals + 1));
        }
        if (run.stopSignal() != null) {
            builder.stopSignal(stopSignal(run.stopSignal()));
        }
        remarks(run, builder);
        return builder;
    }

    private static void command(RunConfig run, ContainerBuilder builder) {
        builder.entrypoint(run.entrypoint()).defaultCommand(run.cmd());
        if (run.workingDirectory() != null) {
            builder.workingDirectory(cleaned(run.workingDirectory()));
        }
        builder.makeWorkingDirectory();
        for (String volume : run.volumes()) {
            builder.volume(volume.endsWith("/") && volume.length() > 1 ? volume.substring(0, volume.length() - 1) : volume);
        }
    }

    private static void remarks(RunConfig run, ContainerBuilder builder) {
        for (Map.Entry<String, String> label : run.labels().entrySet()) {
            builder.label(label.getKey(), label.getValue());
        }
        for (String port : run.exposedPorts()) {
            builder.exposedPort(port(port));
        }
        if (run.healthcheck() != null) {
            healthCheck(run.healthcheck(), run.shell(), builder);
        }
    }

    private static Signal stopSignal(String text) {
        try {
            return Signal.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the image's stop signal: " + e.getMessage(), e);
        }
    }

    /// The path without empty parts, `.` and `..`, as Docker reads it: by its text alone.
    private static String cleaned(String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("the image's working directory '" + shown(path) + "' is not an absolute path");
        }
        List<String> parts = new ArrayList<>();
        int start = 1;
        while (start <= path.length()) {
            int slash = path.indexOf('/', start);
            String part = path.substring(start, slash < 0 ? path.length() : slash);
            start = slash < 0 ? path.length() + 1 : slash + 1;
            if (part.equals("..") && !parts.isEmpty()) {
                parts.removeLast();
            } else if (!part.isEmpty() && !part.equals(".") && !part.equals("..")) {
                parts.add(part);
            }
        }
        return "/" + String.join("/", parts);
    }

    private static String port(String text) {
        int slash = text.indexOf('/');
        String number = slash < 0 ? text : text.substring(0, slash);
        String protocol = slash < 0 ? "tcp" : text.substring(slash + 1);
        boolean good = !number.isEmpty() && number.length() <= 5
                && (protocol.equals("tcp") || protocol.equals("udp") || protocol.equals("sctp"));
        int value = 0;
        for (int i = 0; i < number.length() && good; i++) {
            char c = number.charAt(i);
            good = c >= '0' && c <= '9';
            value = value * 10 + c - '0';
        }
        if (!good || value < 1 || value > 65535) {
            throw new IllegalArgumentException("the image's exposed port '" + shown(text) + "' is not like 80/tcp");
        }
        return value + "/" + protocol;
    }

    /// Tests of kinds that are not known are none, as for Docker.
    private static void healthCheck(RunConfig.Healthcheck check, List<String> shell, ContainerBuilder builder) {
        List<String> test = check.test();
        List<String> command = new ArrayList<>();
        if (test.size() > 1 && test.get(0).equals("CMD")) {
            command.addAll(test.subList(1, test.size()));
        } else if (test.size() == 2 && test.get(0).equals("CMD-SHELL")) {
            command.addAll(shell.isEmpty() ? List.of("/bin/sh", "-c") : shell);
            command.add(test.get(1));
        } else {
            return;
        }
        HealthCheck usual = HealthCheck.of("true");
        builder.healthCheck(new HealthCheck(
                command,
                time(check.interval(), usual.interval()),
                time(check.timeout(), usual.timeout()),
                time(check.startPeriod(), usual.startPeriod()),
                time(check.startInterval(), usual.startInterval()),
                check.retries() == 0 ? usual.retries() : (int) Math.min(check.retries(), Integer.MAX_VALUE)));
    }

    private static Duration time(long nanoseconds, Duration usual) {
        return nanoseconds == 0 ? usual : Duration.ofNanos(nanoseconds);
    }

    private static String shown(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length() && i < 80; i++) {
            out.append(Character.isISOControl(text.charAt(i)) ? '?' : text.charAt(i));
        }
        return text.length() > 80 ? out.append("...").toString() : out.toString();
    }
}
