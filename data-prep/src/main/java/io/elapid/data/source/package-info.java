/**
 * Where samples come from: the layouts in which data sets are published, found out from what lies
 * in a folder and listed piece by piece.
 *
 * <p>A listing names samples and never reads them: a picture inside an archive is a byte range of
 * that archive, so nothing is ever extracted. Units of a listing are independent and serialisable;
 * a cluster lists them in parallel.
 */
package io.elapid.data.source;
