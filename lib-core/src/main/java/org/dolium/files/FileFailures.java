// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Quoting;

/// Failed calls as the exceptions that users of files know. The cause is the call.
final class FileFailures {
    private FileFailures() {}

    /// @param result the negative error number
    /// @param path as the caller gave it
    static FileSystemException of(long result, String call, String path) {
        Errno errno = Kernel.errno(result);
        ErrnoException cause = new ErrnoException(call + "(" + Quoting.quote(path) + ")", errno);
        FileSystemException failure = of(errno, path, cause);
        failure.initCause(cause);
        return failure;
    }

    private static FileSystemException of(Errno errno, String given, ErrnoException cause) {
        String path = Quoting.printable(given);
        if (errno.equals(Errno.ENOENT)) {
            return new NoSuchFileException(path);
        }
        if (errno.equals(Errno.EEXIST)) {
            return new FileAlreadyExistsException(path);
        }
        if (errno.equals(Errno.ENOTDIR)) {
            return new NotDirectoryException(path);
        }
        if (errno.equals(Errno.ENOTEMPTY)) {
            return new DirectoryNotEmptyException(path);
        }
        if (errno.equals(Errno.ELOOP)) {
            return new FileSystemLoopException(path);
        }
        return errno.equals(Errno.EACCES) || errno.equals(Errno.EPERM)
                ? new AccessDeniedException(path, null, cause.getMessage())
                : new FileSystemException(path, null, cause.getMessage());
    }

    static long check(long result, String call, String path) throws FileSystemException {
        if (Kernel.failed(result)) {
            throw of(result, call, path);
        }
        return result;
    }
}
