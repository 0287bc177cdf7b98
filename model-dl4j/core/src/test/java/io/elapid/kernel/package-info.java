/** Tests of what kernels stand on; kernels themselves are tested through the ops, on a backend. */
package io.elapid.kernel;
