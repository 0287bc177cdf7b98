/**
 * Pictures as bytes of red, green and blue: read from JPEG and PNG by what a file contains and
 * never by what it is called, resized exactly as Pillow does.
 *
 * <p>Published networks were trained and measured on Pillow's pixels; every rule here that looks
 * arbitrary (the CMYK formula, the eight bits between the two passes of a resize) is Pillow's.
 *
 * <p>Baseline JPEG is decoded here and not by a library, since a random crop needs only part of a
 * picture and no library that the JVM can be given decodes part of one: following the entropy
 * coding to the crop's last row and transforming only the blocks in it, many at a time, takes less
 * than half of what libjpeg-turbo takes for all of it, to the same pixels. Progressive and CMYK
 * pictures, PNG, and whatever is damaged go through the JDK's readers, and so does everything in a
 * JVM without the Vector API.
 */
package io.elapid.data.image;
