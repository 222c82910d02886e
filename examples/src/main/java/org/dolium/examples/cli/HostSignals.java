// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/// What is done about signals to this JVM, until it is closed. The class that hands them out is no API, and a compiler that is told
/// to heed its warnings does not let it be named: so it is found at run time.
final class HostSignals implements AutoCloseable {
    private final List<Runnable> before = new ArrayList<>();

    /// Has `action` run whenever the signal comes, on a thread of its own. Does nothing if the JVM was started with this signal
    /// ignored, or uses it itself.
    ///
    /// @param name as `INT`
    HostSignals on(String name, Runnable action) {
        try {
            Class<?> signals = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            Method handle = signals.getMethod("handle", signals, handlers);
            Object signal = signals.getConstructor(String.class).newInstance(name);
            Object old = handle.invoke(null, signal, handler(handlers, action));
            before.add(() -> restore(handle, signal, old));
        } catch (InvocationTargetException e) {
            // the JVM uses it itself
        } catch (ReflectiveOperationException e) {
            // a JVM without the module jdk.unsupported: signals end it, and that ends the container
        }
        return this;
    }

    private static Object handler(Class<?> handlers, Runnable action) {
        InvocationHandler calls = (proxy, method, arguments) -> switch (method.getName()) {
            case "handle" -> {
                action.run();
                yield null;
            }
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "handler of a signal";
        };
        return Proxy.newProxyInstance(handlers.getClassLoader(), new Class<?>[] {handlers}, calls);
    }

    private static void restore(Method handle, Object signal, Object old) {
        try {
            handle.invoke(null, signal, old);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        before.forEach(Runnable::run);
    }
}
