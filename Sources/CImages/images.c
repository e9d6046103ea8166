int sg_images_dummy;
