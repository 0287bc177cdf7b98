/**
 * Pictures as bytes of red, green and blue: read from JPEG and PNG by what a file contains and
 * never by what it is called, resized exactly as Pillow does.
 *
 * <p>Published networks were trained and measured on Pillow's pixels; every rule here that looks
 * arbitrary (the CMYK formula, the eight bits between the two passes of a resize) is Pillow's.
 */
package io.elapid.data.image;
