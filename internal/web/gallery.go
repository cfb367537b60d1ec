package web

const galleryTemplate = "gallery/index"

// GalleryPage shows every component in every state; it exists in the demo only.
type GalleryPage struct {
	Page
}

func galleryPages() []Declared {
	return []Declared{{Name: galleryTemplate, Data: &GalleryPage{}}}
}
