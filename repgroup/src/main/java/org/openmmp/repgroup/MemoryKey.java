package org.openmmp.repgroup;

/** What one memory of a group is for. */
record MemoryKey(Service service, ClientKind kind) {
  /** Whether both go by the group's one affinity. */
  boolean sharesAffinity(MemoryKey other) {
    return kind == ClientKind.WRITER && other.kind == ClientKind.WRITER;
  }
}
