package org.openmmp.repgroup;

/** The service and kind of client that one memory of a group belongs to. */
record MemoryKey(Service service, ClientKind kind) {
  /** Whether both go by the group's one affinity. */
  boolean sharesAffinity(MemoryKey other) {
    return kind == ClientKind.WRITER && other.kind == ClientKind.WRITER;
  }
}
