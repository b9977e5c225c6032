package org.openmmp.admin;

/**
 * What a load balancer wants to know of this front end (rule B8.2); none of it depends on a store.
 * Asked on the admin's threads.
 */
public interface HealthSource {
  /** Whether the process can still do its work; if not, it should be restarted. */
  boolean live();

  /** Whether all listeners were bound once. */
  boolean started();

  /** Whether it takes no new clients any more. */
  boolean draining();
}
