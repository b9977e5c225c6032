/**
 * The directory in LDAP servers: searches and binds by UnboundID's library, on threads of its own,
 * behind a cache.
 *
 * <p>It may use the packages directory, text and wire, the pace of guard, UnboundID, Caffeine and
 * SLF4J. Calls of the library block, so they run on the threads {@code ldap-lookup-n}, {@code
 * ldap-bind-n} and {@code ldap-probe-n} only; the public methods may be called on any thread and
 * never block. No referral of a server is followed.
 */
@NullMarked
package org.openmmp.directory.ldap;

import org.jspecify.annotations.NullMarked;
