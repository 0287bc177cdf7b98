/**
 * Pictures as bytes of red, green and blue: read from JPEG and PNG by what a file contains and
 * never by what it is called, resized exactly as Pillow does.
 *
 * <p>Published networks were trained and measured on Pillow's pixels; every rule here that looks
 * arbitrary (the CMYK formula, the eight bits between the two passes of a resize) is Pillow's.
 *
 * <p>Baseline JPEG is decoded here and not by a library, since a random crop needs only part of a
 * picture and no library that the JVM can be given decodes part of one: the entropy coding is
 * followed to the crop's last row, and only the blocks in it are transformed, many at a time. A
 * crop of 224 from a picture of 433 x 433 takes 0.43 of the time of OpenCV, whose decoder is
 * libjpeg-turbo, and all of a picture 0.45 of OpenCV's and 0.53 of ImageIO's, to the same pixels
 * (JpegBench among the tests; one thread). Progressive and CMYK pictures, PNG, and whatever is
 * damaged go through the JDK's readers, and so does everything in a JVM without the Vector API.
 */
package io.elapid.data.image;
