/// Images: pulled, kept in a store, and run. Start with [org.dolium.oci.Images]. What an image is made of is in the packages below;
/// how containers are set up is `org.dolium.container`'s.
package org.dolium.oci;
