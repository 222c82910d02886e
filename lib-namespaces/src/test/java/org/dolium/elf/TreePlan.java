// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.PlanBuilder;

/// A random harmless plan: it makes, changes and removes files below one directory, and reads a little about its process.
/// Equal seeds give equal plans, but for the directory.
final class TreePlan {
    private static final String[] NAMES = {"a", "b", "c", "a/b", "b/a", "c/c/c", "."};
    private static final Errno[] USUAL = {
        Errno.EEXIST, Errno.ENOENT, Errno.ENOTDIR, Errno.EISDIR, Errno.ELOOP, Errno.EINVAL, Errno.EBADF, new Errno(39)
    };

    private final Random random;
    private final Arch arch;
    private final PlanBuilder plan = new PlanBuilder();
    private final List<Arg.Result> directories = new ArrayList<>();
    private final List<Arg.Result> files = new ArrayList<>();

    private TreePlan(long seed, Arch arch) {
        this.random = new Random(seed);
        this.arch = arch;
    }

    static LaunchPlan of(long seed, String directory, int statusFd, Arch arch) {
        TreePlan tree = new TreePlan(seed, arch);
        tree.directories.add(tree.plan.add(
                Sys.OPENAT, Arg.AT_FDCWD, Arg.str(directory), Arg.num(OpenFlags.directory(arch))));
        for (int i = tree.random.nextInt(60); i > 0; i--) {
            tree.step();
        }
        return tree.plan.build(statusFd);
    }

    private void step() {
        switch (random.nextInt(16)) {
            case 0, 1 -> add(Sys.MKDIRAT, directory(), name(), mode());
            case 2, 3, 4 -> files.add(add(Sys.OPENAT, directory(), name(), createFlags(), mode()));
            case 5 -> directories.add(add(Sys.OPENAT, directory(), name(), Arg.num(OpenFlags.directory(arch))));
            case 6 -> add(Sys.SYMLINKAT, name(), directory(), name());
            case 7 -> add(Sys.UNLINKAT, directory(), name(), Arg.num(random.nextBoolean() ? 0x200 : 0));
            case 8 -> add(Sys.FCHMODAT, directory(), name(), mode());
            case 9 -> add(Sys.UMASK, Arg.octal(random.nextInt(0100)));
            case 10 -> add(Sys.MKNODAT, directory(), name(), Arg.octal(0100600 | random.nextInt(0100)), Arg.num(0));
            case 11 -> add(Sys.PRCTL, Arg.num(random.nextBoolean() ? 7 : 39), Arg.NULL, Arg.NULL, Arg.NULL, Arg.NULL);
            case 12 -> read();
            case 13 -> plan.expect(add(Sys.GETCWD, buffer(4096), Arg.num(4096)), 0, 0, 0xff, '/', "starts with /");
            default -> useFile();
        }
    }

    private void useFile() {
        if (files.isEmpty()) {
            return;
        }
        Arg.Result file = files.get(random.nextInt(files.size()));
        switch (random.nextInt(6)) {
            case 0 -> add(Sys.FTRUNCATE, file, Arg.num(random.nextInt(40) - 2));
            case 1 -> files.add(add(Sys.FCNTL, file, Arg.num(1030), Arg.num(60)));
            case 2 -> {
                files.remove(file); // its number may soon be somebody else's
                add(Sys.CLOSE, file);
            }
            default -> write(file);
        }
    }

    private void write(Arg.Result file) {
        byte[] bytes = new byte[random.nextInt(30)];
        random.nextBytes(bytes);
        Syscall write = Syscall.of(Sys.WRITE, file, new Arg.Bytes(bytes, "bytes"), Arg.num(bytes.length));
        plan.addExact(write, random.nextInt(12) == 0 ? 7 : bytes.length);
    }

    private void read() {
        Arg.Result link = add(Sys.READLINKAT, directory(), name(), buffer(40), Arg.num(32));
        plan.expect(link, 2, random.nextInt(32), random.nextInt(8) == 0 ? 0xff : 0, 0, "is random");
    }

    private Arg.Result add(Sys sys, Arg... arguments) {
        Syscall call = Syscall.of(sys, arguments);
        return switch (random.nextInt(20)) {
            case 0 -> plan.add(call);
            case 1, 2, 3 -> plan.addNoted(call, USUAL);
            case 4 -> plan.addTolerant(call, USUAL[random.nextInt(USUAL.length)]);
            default -> plan.addTolerant(call, USUAL);
        };
    }

    private Arg.Result directory() {
        return directories.get(random.nextInt(directories.size()));
    }

    private Arg name() {
        return Arg.str(NAMES[random.nextInt(NAMES.length)]);
    }

    private Arg mode() {
        return Arg.octal(0700 | random.nextInt(0100));
    }

    private Arg createFlags() {
        int flags = 0x42; // O_RDWR|O_CREAT
        flags |= random.nextInt(4) == 0 ? 0x80 : 0; // O_EXCL
        flags |= random.nextInt(4) == 0 ? 0x200 : 0; // O_TRUNC
        flags |= random.nextInt(4) == 0 ? OpenFlags.noFollow(arch) : 0;
        return Arg.num(flags | 0x80000);
    }

    private Arg buffer(int size) {
        byte[] initial = new byte[random.nextInt(size)];
        random.nextBytes(initial);
        return new Arg.Buffer(size, initial, "[buffer]");
    }
}
