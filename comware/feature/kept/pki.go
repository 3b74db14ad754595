package kept

import "cwlab/comware/feature"

// Cipher suites of SSL.
const suites = "{ dhe_rsa_aes_128_cbc_sha | dhe_rsa_aes_128_cbc_sha256 | dhe_rsa_aes_256_cbc_sha | dhe_rsa_aes_256_cbc_sha256 | ecdhe_ecdsa_aes_128_cbc_sha256 | ecdhe_ecdsa_aes_128_gcm_sha256 | ecdhe_ecdsa_aes_256_cbc_sha384 | ecdhe_ecdsa_aes_256_gcm_sha384 | ecdhe_rsa_aes_128_cbc_sha256 | ecdhe_rsa_aes_128_gcm_sha256 | ecdhe_rsa_aes_256_cbc_sha384 | ecdhe_rsa_aes_256_gcm_sha384 | exp_rsa_des_cbc_sha | exp_rsa_rc2_md5 | exp_rsa_rc4_md5 | rsa_3des_ede_cbc_sha | rsa_aes_128_cbc_sha | rsa_aes_128_cbc_sha256 | rsa_aes_256_cbc_sha | rsa_aes_256_cbc_sha256 | rsa_des_cbc_sha | rsa_rc4_128_md5 | rsa_rc4_128_sha }"

// pki is "PKI" and "SSL" of the security command reference.
var pki = module{
	views: []feature.View{
		{Name: "pki-domain", Parent: "system", Title: "PKI domain"},
		{Name: "pki-entity", Parent: "system", Title: "PKI entity"},
		{Name: "pki-attribute-group", Parent: "system", Title: "PKI attribute group"},
		{Name: "pki-access-policy", Parent: "system", Title: "PKI access control policy"},
		{Name: "ssl-server", Parent: "system", Title: "SSL server policy"},
		{Name: "ssl-client", Parent: "system", Title: "SSL client policy"},
	},
	parts: []part{
		{views: "system", place: placePKI, lines: `
			pki domain <domain:string:1-31> -> = >> pki-domain pki-domain-<domain>
			pki entity <entity:string:1-31> -> = >> pki-entity pki-entity-<entity>
			pki certificate attribute-group <group:string:1-31> -> = >> pki-attribute-group pki-cert-attribute-group-<group>
			pki certificate access-control-policy <policy:string:1-31> -> = >> pki-access-policy pki-cert-acp-<policy>
			pki storage { certificates | crls } <directory:string:1-255> -> pki storage { certificates | crls }`},
		{views: "pki-domain", lines: `
			ca identifier <ca:string:1-63>
			certificate request from { ca | ra } -> certificate request from
			certificate request entity <entity:string:1-31>
			certificate request mode { auto [ password { cipher <secret:string:1-73> | simple <plain:string:1-31> } ] | manual } -> certificate request mode
			certificate request polling { count <count:1-100> | interval <minutes:5-168> } -> certificate request polling { count | interval }
			certificate request url <url:string:1-511> [ vpn-instance <vpn:string:1-31> ] -> certificate request url
			ldap-server host <host:string:1-255> [ port <port:1-65535> ] [ vpn-instance <vpn:string:1-31> ] -> ldap-server
			crl check enable !
			crl url <url:string:1-511> [ vpn-instance <vpn:string:1-31> ] -> crl url
			public-key { dsa name <key:string:1-64> [ length <bits:512-2048> ] | ecdsa name <key:string:1-64> [ secp192r1 | secp256r1 | secp384r1 | secp521r1 ] | rsa { general name <key:string:1-64> [ length <bits:512-4096> ] | { encryption name <key:string:1-64> [ length <bits:512-4096> ] | signature name <sign-key:string:1-64> [ length <sign-bits:512-4096> ] } * } } -> public-key
			root-certificate fingerprint { md5 | sha1 } <print:string:32-64> -> root-certificate fingerprint
			source { ip | ipv6 } { <address:string:2-46> | interface <interface:interface> } -> source
			usage { ike | ssl-client | ssl-server } *`},
		{views: "pki-entity", lines: `
			common-name <name:string:1-63>
			country <country:string:2-2>
			fqdn <fqdn:string:1-255>
			ip { <address:ip> | interface <interface:interface> }
			locality <name:string:1-63>
			organization <name:string:1-63>
			organization-unit <name:string:1-63>
			state <name:string:1-63>
			subject-dn <dn:string:1-255>`},
		{views: "pki-attribute-group", lines: `
			attribute <id:1-16> { alt-subject-name { fqdn | ip } | { issuer-name | subject-name } { dn | fqdn | ip } } { ctn | equ | nctn | nequ } <value:string:1-255> -> attribute <id>`},
		{views: "pki-access-policy", lines: `
			rule <id:1-16> { deny | permit } <group:string:1-31> -> rule <id>`},
		{views: "system", place: placeSSL, lines: `
			ssl server-policy <policy:string:1-31> -> = >> ssl-server ssl-server-policy-<policy>
			ssl client-policy <policy:string:1-31> -> = >> ssl-client ssl-client-policy-<policy>
			ssl version { gm-tls1.1 | ssl3.0 | tls1.0 | tls1.1 | tls1.2 | tls1.3 } * disable -> =
			ssl renegotiation disable`},
		{views: "ssl-server", lines: `
			pki-domain <domain:string:1-31>
			ciphersuite ` + suites + ` &<1-23> -> ciphersuite
			client-verify { enable | optional }
			certificate-chain-sending enable
			session { cachesize <size:100-20480> | timeout <timeout:1-4294967295> } *
			version { ssl3.0 | tls1.0 | tls1.1 | tls1.2 } * disable -> version`},
		{views: "ssl-client", lines: `
			pki-domain <domain:string:1-31>
			prefer-cipher ` + suites + `
			server-verify enable !
			version { ssl3.0 | tls1.0 | tls1.1 | tls1.2 }`},
	},
	texts: `
		gm-tls1.1=GM TLS 1.1
		tls1.3=TLS 1.3
		<domain>=Name of a PKI domain
		<name>=Name
		<id>=Number
		<group>=Name of an attribute group
		<host>=Host name, or address
		<address>=IP address
		<value>=Value to compare with
		domain=PKI domain
		ip=IP address
		ipv6=IPv6 address
		source=Source of requests
		url=URL
		port=Port
		password=Password that revokes the certificate
		interval=Interval
		signature=Key pair for signatures
		rule=Rule
		state=State or province
		attribute=Attribute of a certificate
		session=Sessions kept for resumption
		timeout=Lifetime of a session
		<timeout>=Seconds
		version=Version of the protocol
		length=Length of the key
		<key>=Name of a key pair
		mode=How certificates are requested
		fqdn=Domain name of the entity
		enable=Enable
		encryption=Key pair for encryption
		general=Key pair for both purposes
		country=Country code
		auto=Automatic
		client-verify=Verification of the client`,
}
