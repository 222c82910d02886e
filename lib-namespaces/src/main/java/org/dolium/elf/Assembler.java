// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

/// What the plan compiler asks of a CPU back end. One register holds the *result* of the latest system call. Offsets
/// are into the stack frame or the constants; a *label* is the place of a forward branch, to be given to [#land].
///
/// The first 16 bytes of the frame belong to the assembler.
interface Assembler {
    Output code();

    /// The value of `e_machine` in the ELF header.
    int machine();

    /// The largest page size of the architecture.
    int pageSize();

    /// Emits the shared code that reports a failure to `statusFd` and exits; it precedes the entry point.
    void failures(int statusFd);

    /// Emits the entry: reserves a frame of `size` bytes, a multiple of 16, and makes the kernel map it.
    void enter(int size);

    /// Loads argument register `index` with a number.
    void number(int index, long value);

    /// Loads argument register `index` with the address of a constant.
    void constant(int index, int offset);

    /// Loads argument register `index` with the address of a place in the frame.
    void frameAddress(int index, int offset);

    /// Loads argument register `index` with a word of the frame.
    void frameWord(int index, int offset);

    /// Zeroes `words` words of the frame; argument registers are lost.
    void zero(int frame, int words);

    /// Copies `words` words of a constant to the frame; argument registers are lost.
    void copy(int frame, int constant, int words);

    /// Performs system call `number` on behalf of step `step`.
    void call(int step, int number);

    /// Loads the result from the frame and branches if it is negative.
    int branchIfAbsent(int frame);

    /// Branches if the result is not an errno.
    int branchUnlessError();

    /// Branches if the result is the errno `errno`.
    int branchIfErrno(int errno);

    /// Branches always.
    int branch();

    /// Branches if the result is `value`, from 0 to 4095.
    int branchIfResult(int value);

    /// Branches if the result is the word of the frame.
    int branchIfWord(int frame);

    /// Branches always, to earlier code.
    ///
    /// @param position the size of the code before that
    void branchBack(int position);

    /// Makes `width` bits of a word of the frame the result, from bit `first` on; argument registers are lost.
    void field(int frame, int first, int width);

    /// Makes a number the result.
    void set(long value);

    /// Makes a word of the frame the result.
    void load(int frame);

    /// Makes the address of a place in the frame the result.
    void address(int frame);

    /// Adds a number to the result.
    void addNumber(long value);

    /// Adds a word of the frame to the result.
    void add(int frame);

    /// Makes the result its own negative.
    void negate();

    /// Branches if the result is less than `value`, both signed.
    int branchIfLess(long value);

    /// Ends the process with the result plus `added` as its status.
    void exitWithResult(int added);

    /// Makes the branch at `label` end here.
    void land(int label);

    /// Fails if the result is an errno.
    void failIfError();

    /// Fails unless the result is the errno `errno`.
    void failUnlessErrno(int errno);

    /// Fails with `EPROTO` unless the result is `value`.
    void failUnlessResult(long value);

    /// Fails step `step` with `EPROTO` unless the masked word of the frame is `value`; the result is lost.
    void expect(int step, int frame, long mask, long value);

    /// Reports the errno in the result as tolerated by step `step`, and keeps the result.
    void note(int step);

    /// Stores the result in the frame.
    void store(int frame);

    /// Ends the process with status 0.
    void exit();

    /// Adds `base`, the address of the constants, to every address in the code.
    void relocate(int base);
}
