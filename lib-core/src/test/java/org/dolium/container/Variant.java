// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.dolium.launch.Program;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;

/// A container whose launch plan was changed: the negative control of a security row. With the control switched off the
/// attack must succeed, else the row's test could not see it.
final class Variant {
    static final Step NOTHING = new Step.Call(Syscall.of(Sys.GETPID));

    private Variant() {}

    /// The same container with every step whose text matches replaced.
    static ContainerSpec of(ContainerBuilder builder, String pattern, UnaryOperator<Step> change) throws Exception {
        ContainerSpec spec = builder.build();
        LaunchPlan plan = spec.blueprint.program().plan();
        List<Step> steps = new ArrayList<>();
        int changed = 0;
        for (Step step : plan.steps()) {
            boolean matches = step.toString().matches(pattern);
            changed += matches ? 1 : 0;
            steps.add(matches ? change.apply(step) : step);
        }
        if (changed == 0) {
            throw new AssertionError("no step matches " + pattern + " in:\n" + plan);
        }
        return with(builder, spec, steps);
    }

    /// With one step whose call the kernel refuses: capset(2) of another process. What the step tolerates it still does.
    static ContainerSpec refusing(ContainerBuilder builder, int number) throws Exception {
        ContainerSpec spec = builder.build();
        List<Step> steps = new ArrayList<>(spec.blueprint.program().plan().steps());
        Step.Call call = (Step.Call) steps.get(number);
        byte[] header = {0x22, 0x05, 0x08, 0x20, 0, 0, 0, 0x40};
        List<Arg> arguments = new ArrayList<>(call.call().args()); // later steps may look into them
        int size = !arguments.isEmpty() && arguments.get(0) instanceof Arg.Buffer buffer ? buffer.size() : header.length;
        arguments.addAll(List.of(Arg.NULL, Arg.NULL).subList(0, Math.max(0, 2 - arguments.size())));
        arguments.set(0, new Arg.Buffer(Math.max(size, header.length), header, "{no process}"));
        Syscall refused = new Syscall(Sys.CAPSET, arguments);
        steps.set(number, new Step.Call(refused, call.tolerated(), call.expected(), call.noted()));
        return with(builder, spec, steps);
    }

    private static ContainerSpec with(ContainerBuilder builder, ContainerSpec spec, List<Step> steps) {
        Blueprint blueprint = spec.blueprint;
        LaunchPlan plan = blueprint.program().plan();
        LaunchPlan other = plan.with(steps);
        return new ContainerSpec(
                builder,
                new Blueprint(
                        blueprint.spec(), blueprint.host(), blueprint.diskUpper(), blueprint.idMaps(),
                        blueprint.mappedBinds(), blueprint.groupPlan(), Program.compile(other)),
                spec.reductions());
    }

    /// Without the steps whose text matches.
    static ContainerSpec without(ContainerBuilder builder, String pattern) throws Exception {
        return of(builder, pattern, step -> NOTHING);
    }

    /// With steps that fail.
    static ContainerSpec failing(ContainerBuilder builder, String pattern) throws Exception {
        return of(builder, pattern, step -> new Step.Call(Syscall.of(Sys.CLOSE, Arg.num(-1))));
    }

    /// With a call's argument replaced.
    static ContainerSpec withArgument(ContainerBuilder builder, String pattern, int index, Arg argument)
            throws Exception {
        return of(builder, pattern, step -> {
            Step.Call call = (Step.Call) step;
            List<Arg> arguments = new ArrayList<>(call.call().args());
            arguments.set(index, argument);
            return new Step.Call(
                    new Syscall(call.call().sys(), arguments), call.tolerated(), call.expected(), call.noted());
        });
    }

    /// With more tolerated failures.
    static ContainerSpec tolerating(ContainerBuilder builder, String pattern, Errno... errnos) throws Exception {
        return of(builder, pattern, step -> {
            Step.Call call = (Step.Call) step;
            List<Errno> tolerated = new ArrayList<>(call.tolerated());
            tolerated.addAll(List.of(errnos));
            return new Step.Call(call.call(), tolerated, call.expected(), call.noted());
        });
    }
}
