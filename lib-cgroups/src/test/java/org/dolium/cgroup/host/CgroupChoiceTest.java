// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Requirement;
import org.junit.jupiter.api.Test;

/// A test for each kind of host that is known.
class CgroupChoiceTest {
    private static final String V2 = "31 30 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n";
    private static final String V2_READ_ONLY = "31 30 0:28 / /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n";
    private static final String V1 = """
            32 30 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            33 30 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
            34 30 0:31 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
            """;
    private static final String HYBRID = V1 + "31 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
    private static final List<Controller> LEGACY =
            List.of(Controller.CPU, Controller.MEMORY, Controller.PIDS, Controller.CPUACCT);

    private String mounts = V2;
    private String memberships = "0::/\n";
    private boolean root = true;
    private boolean systemd;
    private boolean userManager;
    private CgroupSituation.Directory own = CgroupSituation.Directory.UNSEEN;
    private CgroupSituation.Directory parent = CgroupSituation.Directory.UNSEEN;
    private List<Controller> legacyWritable = List.of();

    private CgroupChoice choice(CgroupPlacement placement) {
        return CgroupChoice.of(
                new CgroupSituation(
                        CgroupMount.parse(mounts), memberships, root ? 0 : 1000, root, systemd, userManager, own, parent,
                        legacyWritable),
                placement);
    }

    private CgroupChoice choice() {
        return choice(CgroupPlacement.automatic());
    }

    private static CgroupSituation.Directory directory(String path, boolean writable, boolean delegated) {
        return new CgroupSituation.Directory(path, "cpuset cpu io memory hugetlb pids", writable, delegated, false, false);
    }

    @Test
    void root_under_systemd_gets_scopes() {
        systemd = true;
        memberships = "0::/user.slice/user-0.slice/session-1.scope\n";
        own = directory("/sys/fs/cgroup/user.slice/user-0.slice/session-1.scope", true, false);
        parent = directory("/sys/fs/cgroup/user.slice/user-0.slice", true, false);
        assertThat(choice()).isEqualTo(new CgroupChoice.Scope(false, true, CgroupMount.parse(mounts).get(0)));
    }

    @Test
    void a_user_with_a_manager_of_his_own_gets_scopes_of_it() {
        root = false;
        systemd = true;
        userManager = true;
        own = directory("/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope", false, false);
        assertThat(choice()).isEqualTo(new CgroupChoice.Scope(true, false, CgroupMount.parse(mounts).get(0)));
    }

    /// Above both is the cgroup of the manager, which is the user's.
    @Test
    void below_the_users_own_manager_processes_are_born_into_their_groups() {
        root = false;
        systemd = true;
        userManager = true;
        memberships = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope\n";
        own = directory("/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope", true, false);
        assertThat(choice()).isEqualTo(new CgroupChoice.Scope(true, true, CgroupMount.parse(mounts).get(0)));
    }

    @Test
    void a_user_without_a_manager_is_told_how_to_get_one() {
        root = false;
        systemd = true;
        own = directory("/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope", false, false);
        assertThat(choice()).isEqualTo(new CgroupChoice.Nothing(
                "no systemd user manager for uid 1000",
                "run `sudo loginctl enable-linger NAME`, or run the service with `User=` and `Delegate=yes`"));
    }

    @Test
    void a_delegated_service_is_not_moved_unless_that_was_allowed() {
        root = false;
        systemd = true;
        own = directory("/sys/fs/cgroup/system.slice/app.service", true, true);
        parent = directory("/sys/fs/cgroup/system.slice", false, false);
        assertThat(choice()).isInstanceOfSatisfying(CgroupChoice.Nothing.class, nothing -> {
            assertThat(nothing.why()).contains("the JVM is itself in its cgroup", "only in leaves");
            assertThat(nothing.remedy()).contains("CgroupPlacement.ownGroup()", "DelegateSubgroup=");
        });
        assertThat(choice(CgroupPlacement.ownGroup())).isEqualTo(new CgroupChoice.Unified(
                "/sys/fs/cgroup/system.slice/app.service",
                List.of(Controller.CPU, Controller.CPUSET, Controller.MEMORY, Controller.IO, Controller.PIDS, Controller.HUGETLB),
                true));
    }

    @Test
    void a_service_with_a_delegated_subgroup_has_its_containers_beside_it() {
        root = false;
        systemd = true;
        own = directory("/sys/fs/cgroup/system.slice/app.service/jvm", true, true);
        parent = directory("/sys/fs/cgroup/system.slice/app.service", true, true);
        assertThat(choice()).isInstanceOfSatisfying(CgroupChoice.Unified.class, unified -> {
            assertThat(unified.base()).isEqualTo("/sys/fs/cgroup/system.slice/app.service");
            assertThat(unified.evacuate()).isFalse();
        });
    }

    @Test
    void under_a_bare_init_containers_are_beside_the_jvm() {
        memberships = "0::/init\n";
        own = directory("/sys/fs/cgroup/init", true, false);
        parent = new CgroupSituation.Directory("/sys/fs/cgroup", "memory pids", true, false, true, false);
        assertThat(choice()).isEqualTo(
                new CgroupChoice.Unified("/sys/fs/cgroup", List.of(Controller.MEMORY, Controller.PIDS), false));
    }

    /// As in a container of Docker's that is privileged and has the host's cgroup namespace.
    @Test
    void nobody_gets_out_of_the_limits_of_the_jvm_because_root_could() {
        memberships = "0::/docker/1f\n";
        parent = directory("/sys/fs/cgroup/docker", true, false);
        own = directory("/sys/fs/cgroup/docker/1f", true, false);
        assertThat(choice()).isInstanceOf(CgroupChoice.Unified.class);
        own = new CgroupSituation.Directory("/sys/fs/cgroup/docker/1f", "memory pids", true, false, false, true);
        assertThat(choice()).isInstanceOfSatisfying(CgroupChoice.Nothing.class,
                nothing -> assertThat(nothing.remedy()).contains("CgroupPlacement.ownGroup()"));
        assertThat(choice(CgroupPlacement.ownGroup())).isEqualTo(new CgroupChoice.Unified(
                "/sys/fs/cgroup/docker/1f", List.of(Controller.MEMORY, Controller.PIDS), true));
    }

    @Test
    void in_the_root_cgroup_nothing_needs_to_be_moved() {
        own = new CgroupSituation.Directory("/sys/fs/cgroup", "memory pids", true, false, true, false);
        assertThat(choice()).isEqualTo(
                new CgroupChoice.Unified("/sys/fs/cgroup", List.of(Controller.MEMORY, Controller.PIDS), false));
    }

    @Test
    void in_a_container_whose_cgroups_are_read_only_there_are_no_limits() {
        mounts = V2_READ_ONLY;
        own = directory("/sys/fs/cgroup", false, false);
        assertThat(choice()).isEqualTo(new CgroupChoice.Nothing(
                "/sys/fs/cgroup is read-only, as in a container",
                "no limits there: the outer container needs --privileged"));
    }

    @Test
    void in_a_privileged_container_everything_in_it_must_be_moved_first() {
        own = directory("/sys/fs/cgroup", true, false);
        assertThat(choice()).isInstanceOf(CgroupChoice.Nothing.class);
        assertThat(choice(CgroupPlacement.ownGroup())).isInstanceOfSatisfying(CgroupChoice.Unified.class, unified -> {
            assertThat(unified.base()).isEqualTo("/sys/fs/cgroup");
            assertThat(unified.evacuate()).isTrue();
        });
    }

    @Test
    void a_cgroup_outside_of_the_namespace_is_unusable() {
        memberships = "0::/../other\n";
        assertThat(choice()).isEqualTo(
                new CgroupChoice.Nothing("the JVM's own cgroup can't be seen from its cgroup namespace", ""));
    }

    @Test
    void root_on_cgroup_v1_has_a_directory_for_each_controller() {
        mounts = V1;
        memberships = "3:memory:/jobs/1\n2:cpu,cpuacct:/\n1:pids:/\n";
        legacyWritable = LEGACY;
        assertThat(choice()).isEqualTo(new CgroupChoice.Legacy(
                List.of(
                        new CgroupChoice.Legacy.Base(Controller.CPU, "/sys/fs/cgroup/cpu,cpuacct"),
                        new CgroupChoice.Legacy.Base(Controller.MEMORY, "/sys/fs/cgroup/memory/jobs/1"),
                        new CgroupChoice.Legacy.Base(Controller.PIDS, "/sys/fs/cgroup/pids"),
                        new CgroupChoice.Legacy.Base(Controller.CPUACCT, "/sys/fs/cgroup/cpu,cpuacct")),
                ""));
    }

    @Test
    void a_hybrid_machine_limits_by_v1_and_kills_by_v2() {
        mounts = HYBRID;
        memberships = "3:memory:/\n2:cpu,cpuacct:/\n1:pids:/\n0::/\n";
        legacyWritable = LEGACY;
        own = new CgroupSituation.Directory("/sys/fs/cgroup/unified", "hugetlb", true, false, true, false);
        assertThat(choice()).isInstanceOfSatisfying(CgroupChoice.Legacy.class, legacy -> {
            assertThat(legacy.base(Controller.MEMORY)).isEqualTo("/sys/fs/cgroup/memory");
            assertThat(legacy.unifiedBase()).isEqualTo("/sys/fs/cgroup/unified");
        });
    }

    @Test
    void a_user_on_cgroup_v1_is_told_that_it_can_not_be_delegated() {
        root = false;
        mounts = HYBRID;
        memberships = "3:memory:/\n2:cpu,cpuacct:/\n1:pids:/\n0::/\n";
        assertThat(choice()).isEqualTo(new CgroupChoice.Nothing(
                "cgroup v1 can't be delegated to users",
                "boot with systemd.unified_cgroup_hierarchy=1 (systemd up to 257), or run as root"));
    }

    @Test
    void without_any_cgroup_file_system_there_is_nothing() {
        mounts = "";
        assertThat(choice()).isEqualTo(
                new CgroupChoice.Nothing("no cgroup file system is mounted", "mount cgroup2 at /sys/fs/cgroup"));
    }

    @Test
    void a_given_cgroup_is_used_as_it_is() {
        assertThat(choice(CgroupPlacement.below("/jobs/a"))).isInstanceOfSatisfying(
                CgroupChoice.Unified.class, unified -> assertThat(unified.base()).isEqualTo("/sys/fs/cgroup/jobs/a"));
    }

    @Test
    void who_wants_no_group_gets_none() {
        assertThat(choice(CgroupPlacement.none())).isEqualTo(CgroupChoice.NONE_WANTED);
    }

    @Test
    void a_controller_that_was_not_delegated_is_named_with_the_remedy() {
        CgroupChoice choice = new CgroupChoice.Unified("/x", List.of(Controller.MEMORY, Controller.PIDS), false);
        Limits.Wanted wanted = new Limits.Wanted(Limit.cpus(1), Requirement.REQUIRED);
        assertThat(Availability.missing(choice, wanted, Limits.none())).hasToString(
                "cpu quota PT0.1S in PT0.1S can't be enforced: the cpu controller is not delegated to this cgroup;"
                        + " create /etc/systemd/system/user@.service.d/delegate.conf with `[Service]`"
                        + " `Delegate=cpu cpuset io memory pids`, run `systemctl daemon-reload`, log in again;"
                        + " for a service: `Delegate=yes`");
        assertThat(Availability.missing(choice, new Limits.Wanted(Limit.pids(3), Requirement.REQUIRED), Limits.none()))
                .isNull();
    }

    @Test
    void what_cgroup_v1_can_not_do_is_named() {
        CgroupChoice choice =
                new CgroupChoice.Legacy(List.of(new CgroupChoice.Legacy.Base(Controller.MEMORY, "/m")), "");
        assertThat(Availability.missing(choice, new Limits.Wanted(Limit.oomGroup(true), Requirement.REQUIRED), Limits.none()))
                .asString().contains("cgroup v1 has no equivalent", "unified_cgroup_hierarchy=1");
        assertThat(Availability.missing(choice, new Limits.Wanted(Limit.pids(1), Requirement.REQUIRED), Limits.none()))
                .asString().contains("no pids controller of cgroup v1");
    }
}
