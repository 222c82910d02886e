// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Controller;

/// Which way cgroups are used: a function of the situation and of what the caller wants.
public sealed interface CgroupChoice {

    /// Groups of cgroup v2 are made in a directory.
    ///
    /// @param base where
    /// @param controllers what can be limited there
    /// @param evacuate whether the processes in it must be moved into a child first
    record Unified(String base, List<Controller> controllers, boolean evacuate) implements CgroupChoice {}

    /// Groups of cgroup v1 are made below the JVM's own.
    ///
    /// @param bases where, for each controller that can be used
    /// @param unifiedBase where a group of an additional cgroup v2 without controllers is made, which serves to freeze
    ///     and to kill; empty if there is none
    record Legacy(List<Base> bases, String unifiedBase) implements CgroupChoice {
        /// A directory of one controller.
        public record Base(Controller controller, String path) {}

        /// The directory of a controller, or an empty text.
        public String base(Controller controller) {
            for (int i = 0; i < bases.size(); i++) {
                if (bases.get(i).controller() == controller) {
                    return bases.get(i).path();
                }
            }
            return "";
        }
    }

    /// systemd makes a scope for this JVM, in which the groups of containers are made.
    ///
    /// @param userManager whether the user's own manager does it
    /// @param direct whether processes can be born into the groups; otherwise the manager has to move them, because the
    ///     JVM may not write to a cgroup above both itself and the scope
    /// @param mount where cgroup v2 is mounted
    record Scope(boolean userManager, boolean direct, CgroupMount mount) implements CgroupChoice {}

    /// No group can be made.
    ///
    /// @param why what is in the way
    /// @param remedy what to do, or empty
    record Nothing(String why, String remedy) implements CgroupChoice {}

    /// What the caller wants who wants none.
    CgroupChoice NONE_WANTED = new Nothing("the container was asked to have no cgroup of its own", "");

    static CgroupChoice of(CgroupSituation here, CgroupPlacement wanted) {
        if (wanted instanceof CgroupPlacement.None) {
            return NONE_WANTED;
        }
        CgroupMount unified = Choices.unifiedMount(here);
        if (unified != null && Choices.hasLimits(here)) {
            return Choices.unified(here, unified, wanted);
        }
        return Choices.legacy(here, unified, wanted);
    }

    /// The words of the decision, apart from its data.
    final class Choices {
        private Choices() {}

        static @org.jspecify.annotations.Nullable CgroupMount unifiedMount(CgroupSituation here) {
            for (CgroupMount mount : here.mounts()) {
                if (mount.unified()) {
                    return mount;
                }
            }
            return null;
        }

        /// Without these it is a hybrid machine, whose controllers are in cgroup v1.
        static boolean hasLimits(CgroupSituation here) {
            CgroupSituation.Directory own = here.own();
            boolean any = own.offers(Controller.MEMORY) || own.offers(Controller.PIDS) || own.offers(Controller.CPU);
            for (CgroupMount mount : here.mounts()) {
                if (mount.has(Controller.MEMORY) || mount.has(Controller.PIDS)) {
                    return any;
                }
            }
            return true; // no cgroup v1: what is missing was not delegated
        }

        static CgroupChoice unified(CgroupSituation here, CgroupMount mount, CgroupPlacement wanted) {
            if (wanted instanceof CgroupPlacement.Below below) {
                String path = mount.locate(below.path());
                return path.isEmpty()
                        ? new Nothing("cgroup " + below.path() + " can't be seen in " + mount.mountPoint(), "")
                        : new Unified(path, List.of(), false);
            }
            CgroupSituation.Directory own = here.own();
            boolean moving = wanted instanceof CgroupPlacement.OwnGroup;
            if (mount.readOnly()) {
                return new Nothing(
                        mount.mountPoint() + " is read-only, as in a container",
                        "no limits there: the outer container needs --privileged");
            }
            if (mayUse(here, own)) {
                if (own.root() || moving) {
                    return new Unified(own.path(), offered(own), !own.root());
                }
                if (besideItself(here)) {
                    return new Unified(here.parent().path(), offered(here.parent()), false);
                }
            }
            if (here.systemd() && here.privileged() || here.userManager()) {
                boolean system = here.systemd() && here.privileged();
                return new Scope(!system, system || ofUserManager(here.memberships()), mount);
            }
            return nothing(here, own);
        }

        /// Whether containers may be in groups beside the JVM's own. Where nobody delegated anything and root can write
        /// everywhere, they must not get out of the limits that hold for the JVM, as those of an outer container.
        private static boolean besideItself(CgroupSituation here) {
            CgroupSituation.Directory parent = here.parent();
            return parent.seen() && mayUse(here, parent)
                    && (parent.delegated() || here.uid() != 0 || !here.own().limited());
        }

        /// Everything below `user@UID.service` is the user's own, as its manager is.
        static boolean ofUserManager(String memberships) {
            String path = CgroupSituation.unifiedPath(memberships);
            int manager = path.indexOf("/user@");
            return manager >= 0 && path.indexOf(".service/", manager) > 0;
        }

        /// Under systemd only what it left to others.
        private static boolean mayUse(CgroupSituation here, CgroupSituation.Directory directory) {
            return directory.seen() && directory.writable() && (directory.delegated() || !here.systemd());
        }

        private static Nothing nothing(CgroupSituation here, CgroupSituation.Directory own) {
            if (!own.seen()) {
                return new Nothing("the JVM's own cgroup can't be seen from its cgroup namespace", "");
            }
            if (mayUse(here, own)) {
                return new Nothing(
                        "the JVM is itself in its cgroup " + own.path() + ", and cgroup v2 allows processes only in leaves",
                        "let Dolium move it into a child (CgroupPlacement.ownGroup(), --cgroup own), or start the JVM in a"
                                + " sub-group (DelegateSubgroup= of systemd 254)");
            }
            if (here.systemd()) {
                return new Nothing(
                        "no systemd user manager for uid " + here.uid(),
                        "run `sudo loginctl enable-linger NAME`, or run the service with `User=` and `Delegate=yes`");
            }
            return new Nothing("cgroup " + own.path() + " is not writable", "run as root, or have it delegated to you");
        }

        private static List<Controller> offered(CgroupSituation.Directory directory) {
            List<Controller> controllers = new ArrayList<>();
            for (Controller controller : Controller.values()) {
                if (directory.offers(controller)) {
                    controllers.add(controller);
                }
            }
            return controllers;
        }

        static CgroupChoice legacy(
                CgroupSituation here, @org.jspecify.annotations.Nullable CgroupMount unified, CgroupPlacement wanted) {
            List<Legacy.Base> bases = new ArrayList<>();
            for (Controller controller : Controller.values()) {
                String base = legacyBase(here, controller, wanted);
                if (!base.isEmpty()) {
                    bases.add(new Legacy.Base(controller, base));
                }
            }
            if (bases.isEmpty()) {
                return here.mounts().isEmpty()
                        ? new Nothing("no cgroup file system is mounted", "mount cgroup2 at /sys/fs/cgroup")
                        : new Nothing(
                                "cgroup v1 can't be delegated to users",
                                "boot with systemd.unified_cgroup_hierarchy=1 (systemd up to 257), or run as root");
            }
            boolean free = unified != null && !unified.readOnly() && here.own().writable();
            return new Legacy(List.copyOf(bases), free ? here.own().path() : "");
        }

        private static String legacyBase(CgroupSituation here, Controller controller, CgroupPlacement wanted) {
            for (CgroupMount mount : here.mounts()) {
                if (mount.has(controller) && here.legacyWritable().contains(controller)) {
                    return wanted instanceof CgroupPlacement.Below below
                            ? mount.locate(below.path())
                            : mount.locate(CgroupSituation.legacyPath(here.memberships(), controller));
                }
            }
            return "";
        }
    }
}
