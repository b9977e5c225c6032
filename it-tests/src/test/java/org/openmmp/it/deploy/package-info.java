/**
 * What a deployment is made of: the files under docker/, checked by the programs that read them,
 * and run as they stand, each service on a host of its own. It may use the fixtures; it runs on the
 * test's thread.
 */
@NullMarked
package org.openmmp.it.deploy;

import org.jspecify.annotations.NullMarked;
