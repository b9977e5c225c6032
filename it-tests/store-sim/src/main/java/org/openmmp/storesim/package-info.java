/**
 * A simulated replication group of message stores and an embedded directory, for tests and the
 * demo.
 *
 * <p>A {@link org.openmmp.storesim.StoreCluster} is the group: it knows who is master and holds
 * elections; a {@link org.openmmp.storesim.StoreNode} is one host on one loopback address; a {@link
 * org.openmmp.storesim.ProtocolEndpoint} is what a node speaks on one port. Mail lives in {@code
 * storesim.mailbox}, protocols in packages of their own, which this package does not know.
 *
 * <p>It may use Netty and UnboundID's SDK. Methods of the cluster, of nodes and of the directory
 * may be called on any thread but an event loop, and may block until sockets are open or closed.
 */
@NullMarked
package org.openmmp.storesim;

import org.jspecify.annotations.NullMarked;
