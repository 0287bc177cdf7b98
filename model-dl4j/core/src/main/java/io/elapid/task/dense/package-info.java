/** What networks for dense tasks share: a backbone and the neck on its maps. */
package io.elapid.task.dense;
