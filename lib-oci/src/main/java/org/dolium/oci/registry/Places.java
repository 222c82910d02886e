// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Where a repository is read, in this order: its mirrors, then its own registry. What fails at one is asked for at the next.
final class Places {
    private final List<Place> all;
    /// Mirrors that gave wrong content.
    private final Set<Place> doubted = ConcurrentHashMap.newKeySet();

    /// @param all the mirrors, and last the registry itself
    Places(List<Place> all) {
        this.all = List.copyOf(all);
    }

    /// Something that is asked for.
    interface Question<T> {
        T ask(Place place) throws IOException;
    }

    /// What the first place that can answer says. Why the others could not is suppressed in the last exception.
    ///
    /// @param name whether it is asked what a name stands for
    <T> T first(boolean name, Question<T> question) throws IOException {
        Course course = course(name);
        while (true) {
            try {
                return question.ask(course.place());
            } catch (IOException e) {
                course.next(e);
            }
        }
    }

    /// A way through the places.
    Course course(boolean name) {
        List<Place> some = new ArrayList<>();
        for (Place place : all) {
            boolean asked = !place.mirror()
                    || (place.names() || !name) && !doubted.contains(place) && !place.caller().rests();
            if (asked) {
                some.add(place);
            }
        }
        return new Course(some);
    }

    /// Asks the mirrors no more that gave content which was wrong, alone or together.
    void doubt(Course course) {
        for (Place place : course.used()) {
            if (place.mirror()) {
                doubted.add(place);
            }
        }
    }

    /// One way through the places, until one of them answers.
    static final class Course {
        private final List<Place> places;
        private final List<IOException> reasons = new ArrayList<>();
        private final Set<Place> used = Collections.synchronizedSet(new LinkedHashSet<>());
        private int at;

        private Course(List<Place> places) {
            this.places = places;
        }

        Place place() {
            return places.get(at);
        }

        boolean hasNext() {
            return at + 1 < places.size();
        }

        /// Content comes from this place.
        void use() {
            used.add(place());
        }

        private List<Place> used() {
            synchronized (used) {
                return List.copyOf(used);
            }
        }

        /// Whether content came from a mirror, so that it may be another elsewhere.
        boolean usedMirror() {
            for (Place place : used()) {
                if (place.mirror()) {
                    return true;
                }
            }
            return false;
        }

        /// Goes on to the next place.
        ///
        /// @param reason why this one is given up; it is thrown if it is the last
        void next(IOException reason) throws IOException {
            if (!hasNext() || reason instanceof InterruptedIOException || reason instanceof Deadline.Passed) {
                for (IOException earlier : reasons) {
                    reason.addSuppressed(earlier);
                }
                reasons.clear();
                throw reason;
            }
            if (RegistryCaller.mayPass(reason)) {
                place().caller().rest();
            }
            reasons.add(new IOException("the mirror " + place().reference().name() + " was given up: " + reason.getMessage(), reason));
            at++;
        }

        /// From where content came.
        @Override
        public String toString() {
            List<String> names = new ArrayList<>();
            for (Place place : used()) {
                names.add(place.reference().name());
            }
            return String.join(" and ", names);
        }
    }
}
