// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A program in Python that attacks every process that it sees: it traces it, reads its memory and its files in /proc, and
/// takes its descriptors. It goes on until its input ends, and then prints how often it tried and what succeeded. Only
/// processes with a command line that was asked for are traced or killed: others must not suffer from a test.
///
/// @param tries how many processes were attacked, by their command line
/// @param hits what succeeded, as `memory of dolium`, and how often
public record Attacker(Map<String, Integer> tries, Map<String, Integer> hits) {
    private static final String PROGRAM = """
            import ctypes, os, platform, select, sys
            libc = ctypes.CDLL(None, use_errno=True)
            VICTIM, KILL = sys.argv[1], sys.argv[2] == 'kill'
            READV = 310 if platform.machine() == 'x86_64' else 270
            class Iovec(ctypes.Structure): _fields_ = [('base', ctypes.c_void_p), ('len', ctypes.c_size_t)]
            buffer = ctypes.create_string_buffer(8)
            local, remote = Iovec(ctypes.addressof(buffer), 8), Iovec(0x10, 8)
            tries, hits = {}, {}
            def line(pid):
                try:
                    with open('/proc/%d/cmdline' % pid, 'rb') as f: return f.read(4096).split(b'\\0')[0].decode('latin1')
                except OSError: return None
            def call(*arguments):
                return libc.syscall(*[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
            def opens(path):
                try:
                    with open(path, 'rb') as f: f.read(1)
                    return True
                except FileNotFoundError: return False
                except PermissionError: return False
                except ProcessLookupError: return False
                except OSError: return True
            def memory(pid):
                result = call(READV, pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
                return result >= 0 or ctypes.get_errno() == 14
            def follows(path):
                try:
                    os.readlink(path)
                    return True
                except OSError: return False
            def trace(pid):
                if libc.ptrace(0x4206, pid, None, None) != 0: return False
                libc.ptrace(0x4207, pid, None, None)
                try: os.waitpid(pid, 0x40000000)
                except ChildProcessError: pass
                libc.ptrace(17, pid, None, None)
                return True
            def descriptors(pid):
                pidfd = call(434, pid, 0)
                if pidfd < 0: return []
                taken = []
                if KILL: call(424, pidfd, 9, 0, 0)
                for turn in range(200 if KILL else 1):
                    for number in range(16):
                        fd = call(438, pidfd, number, 0)
                        if fd >= 0:
                            taken.append(os.readlink('/proc/self/fd/%d' % fd).split(':')[0])
                            os.close(fd)
                os.close(pidfd)
                return taken
            def count(counts, key): counts[key] = counts.get(key, 0) + 1
            def attack(pid):
                name = line(pid)
                if not name or VICTIM not in ('*', name, str(pid)): return
                count(tries, name)
                found = []
                if KILL:
                    found += ['descriptor ' + kind for kind in descriptors(pid)]
                else:
                    if memory(pid): found.append('memory')
                    if opens('/proc/%d/environ' % pid): found.append('environment')
                    if opens('/proc/%d/maps' % pid): found.append('maps')
                    if opens('/proc/%d/mem' % pid): found.append('mem')
                    for link in 'exe', 'cwd', 'root', 'fd/0', 'fd/3':
                        if follows('/proc/%d/%s' % (pid, link)): found.append(link)
                    found += ['descriptor ' + kind for kind in descriptors(pid)]
                    if VICTIM == name and trace(pid): found.append('trace')
                if KILL or line(pid) == name:
                    for what in found: count(hits, what + ' of ' + name)
            others = set(os.listdir('/proc')) if VICTIM != '*' and not VICTIM.isdigit() else set()
            print('ready', flush=True)
            while not select.select([sys.stdin], [], [], 0)[0]:
                for name in os.listdir('/proc'):
                    if name.isdigit() and name not in others and int(name) != os.getpid():
                        try: attack(int(name))
                        except (ProcessLookupError, FileNotFoundError): pass
            for key, value in tries.items(): print('tries', value, key.replace('\\n', ' '), sep='\\t')
            for key, value in hits.items(): print('hits', value, key.replace('\\n', ' '), sep='\\t')
            """;

    /// The command of the attacker.
    ///
    /// @param victim only processes whose command line begins with this word are attacked, or that with this pid; `*` for all
    /// @param killing whether victims are killed, and robbed while they die
    public static List<String> command(String victim, boolean killing) {
        return List.of("/usr/bin/python3", "-c", PROGRAM, victim, killing ? "kill" : "look");
    }

    /// Attacks round after round, until there was enough of it or a minute and a half is over: on a busy machine the attacker gets
    /// few chances in one.
    public static Attacker rounds(Predicate<Attacker> enough, Callable<Attacker> round) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        Attacker all = round.call();
        while (!enough.test(all) && System.nanoTime() < deadline) {
            Attacker more = round.call();
            more.tries.forEach((victim, times) -> all.tries.merge(victim, times, Integer::sum));
            more.hits.forEach((what, times) -> all.hits.merge(what, times, Integer::sum));
        }
        return all;
    }

    /// How many processes with that command line were attacked.
    public int tried(String victim) {
        return tries.getOrDefault(victim, 0);
    }

    /// Reads what it printed at its end.
    public static Attacker result(String output) {
        Attacker attacker = new Attacker(new TreeMap<>(), new TreeMap<>());
        for (String line : output.split("\n", -1)) {
            String[] fields = line.split("\t", 3);
            if (fields.length == 3) {
                (fields[0].equals("tries") ? attacker.tries : attacker.hits).put(fields[2], Integer.parseInt(fields[1]));
            }
        }
        return attacker;
    }
}
