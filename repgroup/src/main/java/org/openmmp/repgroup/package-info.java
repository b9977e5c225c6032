/**
 * Which store next: replication groups, their health and affinity, the order of attempts.
 *
 * <p>A client that only reads, in a program of its own:
 *
 * <pre>{@code
 * StoreSelector selector = new StoreSelector(SelectorSettings.defaults(), SelectionListener.NONE);
 * ReplicationGroup group =
 *     ReplicationGroup.of("mail", List.of(new StoreHost("huey"), new StoreHost("dewey")));
 *
 * AttemptWalk walk =
 *     selector.walk(group, new Service("imap"), ClientKind.READER, Caller.UNKNOWN, deadline, now());
 * Choice choice = walk.next(now());
 * if (choice.kind().attempt()) {
 *   connect(choice.target()); // tell walk.reached(AttemptStage.OPENING, now()) once it greets
 *   walk.report(AttemptOutcome.ACCEPTED, null, false, "OK", now(), Math.random());
 * } // or wait until choice.untilNanos(), or give up; report a failure, and ask next again
 * walk.abandon(now());
 * }</pre>
 *
 * <p>Pure policy. It may use {@code java.*} only, reads no clock, draws no random number, blocks no
 * thread and never hears of a protocol: times come in as {@code nowNanos} (any origin; only
 * differences count), randomness as a number, a service as a value. Every method may be called on
 * any thread; what is shared is replaced by compare-and-set.
 */
@NullMarked
package org.openmmp.repgroup;

import org.jspecify.annotations.NullMarked;
