// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

/// The fake keeps the contract of the real one.
class RecordingJournalTest implements JournalContract {
    private final RecordingJournal journal = new RecordingJournal();

    @Override
    public Journal open() {
        return journal;
    }
}
