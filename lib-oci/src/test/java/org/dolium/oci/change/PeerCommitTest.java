// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Rootfs;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.change.ImageCommit.Committed;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.dolium.oci.layout.DockerArchive;
import org.dolium.oci.layout.OciLayout;
import org.dolium.oci.pack.LayerCompression;
import org.dolium.oci.pack.LayerPack;
import org.dolium.oci.pack.PackPolicy;
import org.dolium.oci.registry.RegistryClient;
import org.dolium.oci.registry.Repository;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.oci.unpack.Owners;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What skopeo, umoci, runc, podman, GNU tar, docker-registry and the specification's schemas make of images that were committed.
@Tag("kernel")
@Tag("root")
class PeerCommitTest {
    private static final Path SCHEMAS = Path.of("/usr/share/gocode/src/github.com/opencontainers/image-spec/schema");
    private static final String VALIDATE = """
            import json, sys, os, jsonschema
            directory, name, document = sys.argv[1:]
            load = lambda file: json.load(open(os.path.join(directory, os.path.basename(file))))
            class Local(jsonschema.RefResolver):
                def resolve_remote(self, uri): return load(uri)
            schema = load(name)
            jsonschema.Draft4Validator(schema, resolver=Local.from_schema(schema)).validate(json.load(open(document)))
            """;
    /// What a host with old cgroups and limits of its own can't give is taken out of what umoci writes.
    private static final String PLAIN = """
            import json, sys
            c = json.load(open(sys.argv[1]))
            c['process']['terminal'] = False
            c['process'].pop('rlimits', None)
            c['mounts'] = [m for m in c['mounts'] if m['type'] != 'cgroup']
            c['linux'].pop('resources', None)
            c['linux']['namespaces'] = [n for n in c['linux']['namespaces'] if n['type'] not in ('cgroup', 'network')]
            c['mounts'] = [m for m in c['mounts'] if m['type'] != 'sysfs']
            json.dump(c, open(sys.argv[1], 'w'))
            """;
    private static final String WORK = "rm /bin/yes; rm -r /home; mkdir /home; echo new > /home/n; ln -s n /home/l; mkdir -p /a/b;"
            + " chmod 700 /a; chown 1000:50 /a; echo x > /a/b/c; ln /a/b/c /a/hard; touch -d '2001-02-03 04:05:06' /a/b/c; mkdir /setgid;"
            + " chmod 2775 /setgid; truncate -s 5000000 /sparse 2>/dev/null || dd if=/dev/zero of=/sparse bs=1 count=1 seek=4999999;"
            + " printf '#!/bin/sh\\necho ran $A in $(pwd) as $(id -u)\\n' > /bin/hello; chmod 755 /bin/hello";

    @TempDir
    Path directory;

    private Path layout;
    private Committed made;

    @BeforeEach
    void needsRoot() {
        MustRun.root();
    }

    @AfterEach
    void remove() throws IOException {
        try (var left = Files.list(directory)) {
            for (Path path : left.toList()) {
                LayerUnpack.remove(path);
            }
        }
    }

    private void commit(LayerCompression compression) throws Exception {
        Path root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
        Files.writeString(root.resolve("home/old"), "old");
        layout = directory.resolve("layout");
        Path uppers = Files.createDirectory(directory.resolve("uppers"));
        PackPolicy policy = PackPolicy.of(PackPolicy.Kind.PLAIN, new Owners.Kept());
        try (ImageSource source = openAfterWriting(root, policy, compression);
                ImageSink sink = OciLayout.write(layout);
                Container container = ContainerBuilder.create().rootfs(Rootfs.overlay(root).upperOnDisk(uppers)).command("sh", "-c", WORK).start()) {
            assertThat(container.waitFor().success()).isTrue();
            var manifest = (org.dolium.oci.image.Manifest) org.dolium.oci.blob.Contents.document(source, source.resolve("base"));
            made = ContainerChanges.of(container).commit(ImageCommit.on(source, manifest).spool(directory).compression(compression)
                    .author("me <me@example.com>").message("a remark").change("ENTRYPOINT [\"/bin/hello\"]").change("ENV A=b")
                    .change("WORKDIR /home").change("USER 1000:50").change("EXPOSE 80 53/udp").change("VOLUME /data").change("LABEL x=y")
                    .change("STOPSIGNAL SIGINT").change("HEALTHCHECK --interval=5s CMD true").change("ONBUILD RUN x"), sink, List.of("made"));
        }
    }

    private ImageSource openAfterWriting(Path root, PackPolicy policy, LayerCompression compression) throws IOException {
        try (ImageSink sink = OciLayout.write(layout)) {
            ImageCommit.onNothing(Platform.parse("amd64")).spool(directory).commit((how, docker, spool, latest) ->
                    LayerPack.tree(List.of(root), policy, compression, docker, spool), sink, List.of("base"));
        }
        return OciLayout.read(layout);
    }

    private static String run(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(MustRun.program(program)));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(command + ": " + output).isZero();
        return output;
    }

    @ParameterizedTest
    @EnumSource(value = LayerCompression.class, names = {"NONE", "GZIP"})
    void umoci_unpacks_what_was_committed_and_runc_runs_it(LayerCompression compression) throws Exception {
        commit(compression);
        Path bundle = directory.resolve("bundle");
        run("umoci", "unpack", "--image", layout + ":made", bundle.toString());
        Path rootfs = bundle.resolve("rootfs");
        assertThat(run("find", rootfs + "/a", rootfs + "/home", rootfs + "/setgid", rootfs + "/sparse", "-printf", "%P %m %U:%G %s %n %l\\n"))
                .contains(" 700 1000:50 ", "b/c 644 0:0 2 2 ", " 2775 0:0 ", "l 777 0:0 1 1 n", " 5000000 ");
        assertThat(rootfs.resolve("home/old")).doesNotExist();
        assertThat(rootfs.resolve("bin/yes")).doesNotExist();
        assertThat(Files.getLastModifiedTime(rootfs.resolve("a/b/c")).toInstant()).isEqualTo("2001-02-03T04:05:06Z");
        run("python3", "-c", PLAIN, bundle.resolve("config.json").toString());
        // crun refuses hosts with both kinds of cgroups
        Process runc = new ProcessBuilder(MustRun.program("runc"), "--root", directory.resolve("runc").toString(), "run", "--bundle",
                bundle.toString(), "dolium-commit-" + ProcessHandle.current().pid()).redirectErrorStream(true).start();
        runc.getOutputStream().close();
        assertThat(new String(runc.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).contains("ran b in /home as 1000");
        runc.waitFor();
    }

    /// Each by a program of its own.
    @ParameterizedTest
    @EnumSource(LayerCompression.class)
    void what_comes_out_of_a_layer_is_what_the_configuration_names(LayerCompression compression) throws Exception {
        commit(compression);
        String program = compression == LayerCompression.NONE ? "cat" : compression == LayerCompression.GZIP ? "gzip -dc" : "zstd -dc";
        String sum = run("sh", "-c", program + " < " + layout.resolve("blobs/sha256/" + made.layer().digest().hex()) + " | sha256sum");
        try (ImageSource source = OciLayout.read(layout)) {
            byte[] config = org.dolium.oci.blob.Contents.bytes(source, made.config(), 1 << 20);
            assertThat(sum.substring(0, 64)).isEqualTo(org.dolium.oci.image.ImageConfig.parse(config).diffIds().get(1).hex());
        }
        run("skopeo", "copy", "--insecure-policy", "oci:" + layout + ":made", "dir:" + directory.resolve("copied"));
    }

    @Test
    void skopeo_reads_what_was_committed_and_copies_it_byte_for_byte() throws Exception {
        commit(LayerCompression.GZIP);
        String inspected = run("skopeo", "inspect", "oci:" + layout + ":made");
        assertThat(inspected).contains("\"Digest\": \"" + made.root().digest() + "\"", "\"x\": \"y\"", "\"A=b\"");
        assertThat(run("skopeo", "inspect", "--config", "oci:" + layout + ":made")).contains("\"comment\": \"a remark\"",
                "\"author\": \"me \\u003cme@example.com\\u003e\"", "\"80/tcp\"", "\"53/udp\"", "\"SIGINT\"", "\"/data\"");
        run("skopeo", "copy", "--insecure-policy", "oci:" + layout + ":made", "dir:" + directory.resolve("copied"));
        assertThat(directory.resolve("copied").resolve(made.layer().digest().hex())).exists();
    }

    @Test
    void documents_are_valid_by_the_schemas_of_the_specification() throws Exception {
        MustRun.require(Files.isDirectory(SCHEMAS), "the schemas of the image specification");
        commit(LayerCompression.GZIP);
        Path blobs = layout.resolve("blobs/sha256");
        for (String[] document : new String[][] {
            {"image-manifest-schema.json", blobs.resolve(made.root().digest().hex()).toString()},
            {"config-schema.json", blobs.resolve(made.config().digest().hex()).toString()},
            {"image-index-schema.json", layout.resolve("index.json").toString()},
            {"image-layout-schema.json", layout.resolve("oci-layout").toString()}}) {
            assertThat(run("python3", "-W", "ignore", "-c", VALIDATE, SCHEMAS.toString(), document[0], document[1])).isEmpty();
        }
    }

    @Test
    void a_registry_takes_what_was_committed_and_skopeo_reads_it_there() throws Exception {
        commit(LayerCompression.GZIP);
        int port;
        try (java.net.ServerSocket socket = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path config = Files.writeString(directory.resolve("config.yml"), """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %1$s/data}}
                http: {addr: "127.0.0.1:%2$d", secret: x}
                """.formatted(directory, port));
        Process registry = new ProcessBuilder(MustRun.program("docker-registry"), "serve", config.toString()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile()).start();
        try {
            awaitOpen(port);
            try (RegistryClient client = RegistryClient.builder().build();
                    Repository repository = client.repository(ImageReference.parse("127.0.0.1:" + port + "/a/made"));
                    ImageSource source = OciLayout.read(layout)) {
                ImageCopy.copy(source, source.resolve("made"), repository, List.of("1"));
            }
            assertThat(run("skopeo", "inspect", "--tls-verify=false", "docker://127.0.0.1:" + port + "/a/made:1"))
                    .contains("\"Digest\": \"" + made.root().digest() + "\"");
            run("skopeo", "copy", "--insecure-policy", "--src-tls-verify=false", "docker://127.0.0.1:" + port + "/a/made:1",
                    "oci:" + directory.resolve("back") + ":made");
            run("umoci", "unpack", "--image", directory.resolve("back") + ":made", directory.resolve("bundle").toString());
            assertThat(directory.resolve("bundle/rootfs/home/n")).hasContent("new\n");
        } finally {
            registry.destroy();
            registry.waitFor();
        }
    }

    private static void awaitOpen(int port) throws InterruptedException {
        for (int i = 0; i < 300; i++) {
            try (java.net.Socket socket = new java.net.Socket(java.net.InetAddress.getLoopbackAddress(), port)) {
                assertThat(socket.isConnected()).isTrue();
                return;
            } catch (IOException e) {
                Thread.sleep(100);
            }
        }
    }

    @Test
    void archives_are_read_by_skopeo_and_those_of_skopeo_are_loaded() throws Exception {
        commit(LayerCompression.GZIP);
        for (String format : List.of("docker-archive", "oci-archive")) {
            Path theirs = directory.resolve(format + ".tar");
            run("skopeo", "copy", "--insecure-policy", "oci:" + layout + ":made", format + ":" + theirs + ":example.com/made:1");
            Path other = directory.resolve("loaded-" + format);
            try (ImageSink sink = OciLayout.write(other)) {
                assertThat(ImageArchives.load(theirs, directory, sink).get(0).names().toString()).isEqualTo("[example.com/made:1]");
            }
            Path saved = directory.resolve("saved-" + format + ".tar");
            try (ImageSource source = OciLayout.read(other)) {
                ImageArchives.save(source, java.util.Map.of(source.resolve("example.com/made:1"), List.of(ImageReference.parse("example.com/made:1"))),
                        format.startsWith("docker"), saved);
            }
            String name = format.startsWith("docker") ? ":example.com/made:1" : "";
            run("skopeo", "copy", "--insecure-policy", format + ":" + saved + name, "oci:" + directory.resolve("again-" + format) + ":made");
            Path bundle = directory.resolve("bundle-" + format);
            run("umoci", "unpack", "--image", directory.resolve("again-" + format) + ":made", bundle.toString());
            assertThat(bundle.resolve("rootfs/home/n")).hasContent("new\n");
        }
    }

    @Test
    void a_tree_that_gnu_tar_wrote_is_imported_and_its_files_are_exported() throws Exception {
        Path root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
        Path tar = directory.resolve("root.tar");
        run("tar", "--numeric-owner", "-C", root.toString(), "-cf", tar.toString(), ".");
        for (String program : List.of("gzip", "bzip2", "zstd")) {
            Path compressed = directory.resolve("root.tar." + program);
            new ProcessBuilder(MustRun.program(program), "-c", tar.toString()).redirectOutput(compressed.toFile()).start().waitFor();
            layout = directory.resolve("layout-" + program);
            try (ImageSink sink = OciLayout.write(layout); var in = Files.newInputStream(compressed)) {
                made = ImageCommit.onNothing(Platform.parse("amd64")).spool(directory).change("CMD [\"sh\"]")
                        .commit(ImageCommit.archive(in), sink, List.of("imported"));
            }
            assertThat(made.layer().mediaType()).isEqualTo(MediaTypes.OCI_LAYER_GZIP);
            Path bundle = directory.resolve("bundle-" + program);
            run("umoci", "unpack", "--image", layout + ":imported", bundle.toString());
            assertThat(run("diff", "-r", root.toString(), bundle.resolve("rootfs").toString())).isEmpty();
        }
    }

    @Test
    void podman_runs_what_was_committed() throws Exception {
        commit(LayerCompression.GZIP);
        Path saved = directory.resolve("saved.tar");
        try (ImageSource source = OciLayout.read(layout);
                ImageSink sink = DockerArchive.write(saved)) {
            ImageCopy.copy(source, source.resolve("made"), sink, List.of("example.com/made:1"));
            sink.finish();
        }
        String[] store = {"--root", directory.resolve("podman").toString(), "--runroot", directory.resolve("podman-run").toString(),
            "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "none", "--tmpdir", directory.resolve("podman-tmp").toString()};
        List<String> load = new ArrayList<>(List.of(store));
        load.addAll(List.of("load", "-i", saved.toString()));
        assertThat(run("podman", load.toArray(new String[0]))).contains("example.com/made:1");
        List<String> inspect = new ArrayList<>(List.of(store));
        inspect.addAll(List.of("image", "inspect", "--format", "{{.Config.User}} {{.Config.WorkingDir}} {{len .RootFS.Layers}}", "example.com/made:1"));
        assertThat(run("podman", inspect.toArray(new String[0]))).contains("1000:50 /home 2");
        List<String> start = new ArrayList<>(List.of(store));
        start.addAll(List.of("run", "--rm", "--network", "none", "--runtime", MustRun.program("runc"), "--security-opt",
                "seccomp=unconfined", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000", "--log-driver", "none", "example.com/made:1"));
        assertThat(run("podman", start.toArray(new String[0]))).contains("ran b in /home as 1000");
    }
}
