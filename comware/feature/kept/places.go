package kept

import "cwlab/comware/feature"

// The places of lines in the system view, between those of the features that
// act. The order is that of configurations of real devices.
const (
	placeContext    = feature.PlaceClock + 10
	placeVPN        = feature.PlaceClock + 20
	placeIRF        = feature.PlacePasswordRecovery - 45
	placeRedundancy = placeIRF + 2
	placeASPF       = placeIRF + 5
	placeOSPF       = placeIRF + 10
	placeRIP        = placeIRF + 11
	placePPP        = placeIRF + 14
	placeRouterID   = placeIRF + 16
	placeForward    = placeIRF + 20
	placeDHCP       = placeIRF + 22
	placeDNS        = placeIRF + 24
	placeMirror     = placeIRF + 30
	placeLLDP       = placeIRF + 26
	placeMAC        = placeIRF + 28
	placeVLANView   = feature.PlaceVLAN
	placeIRFPort    = feature.PlaceVLAN + 10
	placeSTP        = feature.PlaceVLAN + 12
	placeAggregate  = feature.PlaceVLAN + 14
	placeAppGroup   = feature.PlaceVLAN + 16
	placeQoS        = feature.PlaceVLAN + 20
	placePBR        = feature.PlaceVLAN + 26
	placePool       = feature.PlaceVLAN + 30
	placeBGP        = feature.PlaceInterface + 800
	placePolicy     = feature.PlaceInterface + 810 // routing policies and their lists
	placeObject     = feature.PlaceInterface + 830
	placeIPv6Route  = feature.PlaceStaticRoute + 5
	placePerf       = feature.PlaceInfoCenter + 20
	placeSNMP       = feature.PlaceInfoCenter + 10
	placeNTP        = feature.PlaceACL - 50
	placeNetStream  = feature.PlaceACL - 40
	placeFlowLog    = feature.PlaceACL - 30
	placeConnLimit  = feature.PlaceACL + 40
	placeRADIUS     = feature.PlaceDomain - 30
	placeHWTACACS   = feature.PlaceDomain - 25
	placeLDAP       = feature.PlaceDomain - 20
	placeISP        = feature.PlaceDomain
	placeISPDefault = feature.PlaceDomain + 10
	placePortal     = feature.PlaceDomain + 20
	placeSession    = feature.PlaceLocalUser + 40
	placeSSL        = feature.PlaceLocalUser + 70
	placeL2TP       = feature.PlaceHTTP - 60
	placeNETCONF    = feature.PlaceNETCONF
	placeFTP        = feature.PlaceHTTP - 30
	placeHTTP       = feature.PlaceHTTP
	placeSSLVPN     = feature.PlaceHTTP + 20
	placeBalance    = feature.PlaceHTTP + 40
	placeBlacklist  = feature.PlaceHTTP + 60
	placeAttack     = feature.PlaceHTTP + 70
	placeDPI        = feature.PlaceHTTP + 100
	placeUser       = feature.PlaceHTTP + 150
	placeAfter      = feature.PlaceSecurityPolicy + 50
	placeBandwidth  = placeAfter
	placeCloud      = placeAfter + 100
)
